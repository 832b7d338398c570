import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import type { OrchestratorKind } from '@launchlog/shared/node';

export interface ChoiceOptions {
  /** As configured. */
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
 * Which orchestrator launches, and why: `auto` takes a configured API server, then a `sky` on the path, then simulates.
 * Throws when what was asked for by name cannot be had: nobody who wants machines should get a simulation.
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
      return chooseByWhatIsThere(options);
  }
}

async function chooseByWhatIsThere(options: ChoiceOptions): Promise<OrchestratorChoice> {
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

/** The absolute name of the first file of that name on the path that may be executed. */
async function findExecutable(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter)) {
    // A relative folder would make the choice depend on where the server was started.
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
