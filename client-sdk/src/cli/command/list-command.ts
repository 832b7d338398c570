import { Command } from 'commander';
import { nodeListQuerySchema, NODE_STATUSES } from '@launchlog/shared/node';
import type { NodeListQueryInput } from '@launchlog/shared/node';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { sleep } from '../../sleep.js';
import { redrawInPlace } from '../screen/fit-terminal.js';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import { nodeTable } from '../screen/node-table.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { listOption, numberOption, parseFlags } from './flag-value.js';

interface ListFlags extends ClientFlags {
  readonly status?: string[];
  readonly provider?: string;
  readonly region?: string;
  readonly deployment?: string;
  readonly search?: string;
  readonly limit?: number;
  readonly watch?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

/** Time between two refreshes of `--watch`, milliseconds. */
const WATCH_MS = 2_000;
const EXAMPLES = `
Examples:
  launchlog list --status launching,active
  launchlog list --watch --deployment chat
  launchlog list --json | jq -r 'select(.status == "failed") | .id'
`;

export function listCommand(session: CliSession): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list nodes, newest first')
    .option('--status <statuses>', `only nodes with these statuses: ${NODE_STATUSES.join(', ')}`, listOption)
    .option('--provider <name>', 'only nodes on this cloud')
    .option('--region <name>', 'only nodes in this region')
    .option('--deployment <id>', 'only nodes of this deployment')
    .option('--search <text>', 'only nodes whose cluster name, model or id contains this text')
    .option('--limit <count>', 'maximum number of nodes (default 100)', numberOption)
    .option('-w, --watch', 'refresh every two seconds')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    session.exitCode = await runList(session, command.optsWithGlobals<ListFlags>());
  });
}

async function runList(session: CliSession, flags: ListFlags): Promise<ExitCode> {
  const query = listQueryOf(flags);
  const style = Style.for(session.process.stdout, session.process.environment, flags.color);
  const client = await session.client(flags);
  const show = async () => {
    const { nodes, nextCursor } = await client.listNodes(query);
    if (flags.json === true) return nodes.map((node) => neutralJson(node)).join('\n');
    if (nodes.length === 0) return 'No nodes.';
    const more = nextCursor === undefined ? '' : `\n… and more: raise --limit or add filters`;
    return nodeTable(nodes, style, Date.now()) + more;
  };
  if (flags.watch === true) return watch(session, show, flags.json === true);
  const text = await show();
  if (text !== '') session.print(text);
  return EXIT.ok;
}

/** Refreshes until Ctrl-C. Once the first list was shown, a server that is away is reported and retried. */
async function watch(session: CliSession, show: () => Promise<string>, json: boolean): Promise<ExitCode> {
  const { stdout, environment, interrupted } = session.process;
  const inPlace = stdout.isTTY && environment['TERM'] !== 'dumb' && !json;
  let first = true;
  while (!interrupted.aborted) {
    try {
      const text = await show();
      if (inPlace) redrawInPlace(stdout, text);
      else if (text !== '') session.print(text);
      first = false;
    } catch (error) {
      if (first || !(error instanceof LaunchlogApiError) || !error.retryable) throw error;
      session.warn(`${neutralise(error.message, false)}; retrying`);
    }
    await sleep(WATCH_MS, interrupted);
  }
  if (inPlace) stdout.write('\n');
  return EXIT.interrupted;
}

function listQueryOf(flags: ListFlags): NodeListQueryInput {
  const given = {
    status: flags.status,
    provider: flags.provider,
    region: flags.region,
    deploymentId: flags.deployment,
    q: flags.search,
    limit: flags.limit,
  };
  return parseFlags(nodeListQuerySchema, given, { deploymentId: '--deployment', q: '--search' });
}
