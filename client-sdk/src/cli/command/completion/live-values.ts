import { Argument, Command } from 'commander';
import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../../../launchlog-client.js';
import { neutralise } from '../../screen/neutralise.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { configPath, readConfigFile } from '../../session/config-file.js';
import { EXIT } from '../../session/exit-code.js';

const LIVE_VALUES = [
  ...(['nodes', 'regions', 'gpus', 'models', 'deployments', 'tenants'] as const),
  ...(['contexts', 'tokens', 'rules', 'sessions', 'strays', 'budgets'] as const),
] as const;
export type LiveValue = (typeof LIVE_VALUES)[number];

/** A person waits for the Tab key. */
const WITHIN_MS = 3_000;
const NODES_MAX = 500;

/** What completion asks for the values that only the server knows: one on each line, and nothing where there is no server. */
export function liveValuesCommand(session: CliSession): Command {
  const command = new Command('completion-values')
    .addArgument(new Argument('<what>').choices(LIVE_VALUES))
    .argument('[beginning]', 'what is typed of it');
  return command.action(async (what: LiveValue, beginning = '') => {
    session.exitCode = EXIT.ok;
    try {
      const values = await read(session, command.optsWithGlobals<ClientFlags>(), { what, beginning });
      for (const value of new Set(values))
        if (value.startsWith(beginning)) session.print(neutralise(value, false));
    } catch {
      // The shell is in the middle of a line, where no error can be shown.
    }
  });
}

interface Wanted {
  readonly what: LiveValue;
  /** Found by the server among all nodes, of which only some are listed. */
  readonly beginning: string;
}

async function read(session: CliSession, flags: ClientFlags, wanted: Wanted): Promise<readonly string[]> {
  if (wanted.what === 'contexts') {
    const config = await readConfigFile(configPath(session.process.environment));
    return Object.keys(config?.contexts ?? {});
  }
  return readFromServer(await session.client(flags), wanted);
}

const CALL = { timeoutMs: WITHIN_MS, maxRetries: 0 };
const FIELDS: Readonly<Partial<Record<LiveValue, (node: Node) => string | undefined>>> = {
  nodes: (node) => node.clusterName,
  regions: (node) => node.region,
  gpus: (node) => node.gpuType,
  models: (node) => node.modelName,
  deployments: (node) => node.deploymentId,
  tenants: (node) => node.tenantId,
};

async function readFromServer(
  client: LaunchlogClient,
  { what, beginning }: Wanted,
): Promise<readonly string[]> {
  if (what === 'tokens') return (await client.tokens.list(CALL)).map(({ name }) => name);
  if (what === 'rules') return (await client.notifications.listRules(CALL)).map(({ name }) => name);
  if (what === 'sessions') return (await client.sessions.list({}, CALL)).map(({ id }) => id);
  if (what === 'strays') return (await client.strays.list(CALL)).map(({ name }) => name);
  if (what === 'budgets') return (await client.budgets.list(CALL)).map(({ name }) => name);
  const { nodes } = await client.listNodes(
    { limit: NODES_MAX, ...(beginning !== '' && { q: beginning }) },
    CALL,
  );
  return nodes.flatMap((node) => FIELDS[what]?.(node) ?? []);
}
