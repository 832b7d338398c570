import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import type { OrchestratorKind } from '@launchlog/shared/node';

interface ChoiceOptions {
  /** The configured orchestrator, or `auto`. */
  readonly wanted: 'auto' | OrchestratorKind;
  readonly apiServerEndpoint: string | undefined;
  /** The variable PATH. */
  readonly searchPath: string;
}

export type OrchestratorChoice =
  | { readonly kind: 'skypilot-api'; readonly endpoint: string; readonly reason: string }
  | { readonly kind: 'skypilot-cli'; readonly executable: string; readonly reason: string }
  | { readonly kind: 'simulated'; readonly reason: string };

/**
 * Chooses the orchestrator, with the reason for people. `auto` takes a configured API server, then `sky` on the path, then
 * the simulator. Throws when an orchestrator that was named is not available: an operator who wants machines must not get a
 * simulation.
 */
export async function chooseOrchestrator(options: ChoiceOptions): Promise<OrchestratorChoice> {
  const { wanted, apiServerEndpoint: endpoint } = options;
  switch (wanted) {
    case 'skypilot-api':
      if (endpoint === undefined) {
        throw new Error('ORCHESTRATOR=skypilot-api needs SKYPILOT_API_SERVER_ENDPOINT');
      }
      return { kind: wanted, endpoint, reason: 'ORCHESTRATOR asks for it' };
    case 'skypilot-cli': {
      const executable = await findExecutable('sky', options.searchPath);
      if (executable === undefined) throw new Error('ORCHESTRATOR=skypilot-cli needs `sky` on the PATH');
      return { kind: wanted, executable, reason: 'ORCHESTRATOR asks for it' };
    }
    case 'simulated':
      return { kind: wanted, reason: 'ORCHESTRATOR asks for it: no machine is started, no cloud is asked' };
    case 'auto':
      return chooseAvailable(options);
  }
}

async function chooseAvailable(options: ChoiceOptions): Promise<OrchestratorChoice> {
  if (options.apiServerEndpoint !== undefined) {
    return {
      kind: 'skypilot-api',
      endpoint: options.apiServerEndpoint,
      reason: 'SKYPILOT_API_SERVER_ENDPOINT is set',
    };
  }
  const executable = await findExecutable('sky', options.searchPath);
  if (executable !== undefined) {
    return { kind: 'skypilot-cli', executable, reason: `${executable} is on the PATH` };
  }
  return {
    kind: 'simulated',
    reason:
      'neither SKYPILOT_API_SERVER_ENDPOINT is set nor `sky` on the PATH: launches are SIMULATED, no machine is started',
  };
}

/** Returns the absolute name of the first executable file with this name on the path. */
async function findExecutable(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter)) {
    // A relative folder would make the choice depend on the folder in which the server was started.
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, name);
    try {
      await access(file, constants.X_OK);
      if ((await stat(file)).isFile()) return file;
    } catch {
      continue;
    }
  }
  return undefined;
}
