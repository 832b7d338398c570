import { Command, Option } from 'commander';
import {
  DESCENDING_SORTS,
  nodeListQuerySchema,
  NODE_HEALTHS,
  NODE_LIST_MAX,
  NODE_SORTS,
  NODE_STATUSES,
} from '@launchlog/shared/node';
import type { NodeListQueryInput, NodePage, NodeSort } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { sleep } from '../../sleep.js';
import { redrawInPlace } from '../screen/fit-terminal.js';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import { listOutput } from '../output/list-output.js';
import { OUTPUTS } from '../output/output-flag.js';
import type { Output } from '../output/output-flag.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { listOption, numberOption, parseFlags, requireFilled } from './flag-value.js';

interface ListFlags extends ClientFlags {
  readonly status?: string[];
  readonly provider?: string;
  readonly region?: string;
  readonly deployment?: string;
  readonly tenant?: string;
  readonly health?: string[];
  readonly gpu?: string;
  readonly search?: string;
  readonly sort?: NodeSort;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
  readonly output?: Output;
  readonly watch?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

/** Time between two refreshes of `--watch`, milliseconds. */
const WATCH_MS = 2_000;
const EXAMPLES = `
Examples:
  launchlog list --status launching,active
  launchlog list --watch --deployment chat
  launchlog list --all --sort cost -o wide
  launchlog list --json | jq -r 'select(.status == "failed") | .id'
`;

export function listCommand(session: CliSession): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list nodes, newest first or as --sort names it')
    .option('--status <statuses>', `only nodes with these statuses: ${NODE_STATUSES.join(', ')}`, listOption)
    .option('--provider <name>', 'only nodes on this cloud')
    .option('--region <name>', 'only nodes in this region')
    .option('--deployment <id>', 'only nodes of this deployment')
    .option('--tenant <id>', 'only nodes of this tenant')
    .option('--health <states>', `only nodes of this health: ${NODE_HEALTHS.join(', ')}`, listOption)
    .option('--gpu <type>', 'only nodes with this type of GPU')
    .option('--search <words>', 'only nodes whose names or id contain each of these words')
    .addOption(new Option('--sort <order>', 'what to order by (default created)').choices(NODE_SORTS))
    .option('--reverse', 'the other way round')
    .option('-n, --limit <count>', 'maximum number of nodes (default 100)', numberOption)
    .option('--all', 'all nodes, page by page')
    .option('--cursor <cursor>', 'begin after the page whose next_cursor this is')
    .option('-w, --watch', 'refresh every two seconds')
    .addOption(new Option('-o, --output <format>', 'how to print the list').choices(OUTPUTS).default('table'))
    .addOption(new Option('--json', 'print one JSON object per line').conflicts('output'))
    .option('-q, --quiet', 'print only ids')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    session.exitCode = await runList(session, command.optsWithGlobals<ListFlags>());
  });
}

async function runList(session: CliSession, flags: ListFlags): Promise<ExitCode> {
  const query = listQueryOf(flags);
  const style = Style.for(session.process.stdout, session.process.environment, flags.color);
  const client = await session.client(flags);
  const { stdout } = session.process;
  const columns = stdout.isTTY ? stdout.columns : undefined;
  const show = async () => {
    const page = await readNodes(client, query, flags.all === true);
    if (isLines(flags)) return linesOf(page, flags);
    const { output = 'table' } = flags;
    const text = listOutput(page, { output, style, nowMs: Date.now(), statuses: flags.status, columns });
    // Refreshed, it is one document of many.
    return output === 'yaml' && flags.watch === true ? `---\n${text}` : text;
  };
  if (flags.watch === true) return watch(session, show, isLines(flags));
  if (isLines(flags) && flags.all === true) {
    for await (const page of pagesOf(client, query))
      if (page.nodes.length > 0) session.print(linesOf(page, flags));
    return EXIT.ok;
  }
  const text = await show();
  if (text !== '') session.print(text);
  return EXIT.ok;
}

/** A line for each node, which needs none of the others. */
function isLines({ json, quiet }: ListFlags): boolean {
  return json === true || quiet === true;
}

function linesOf({ nodes }: NodePage, { json }: ListFlags): string {
  return nodes.map((node) => (json === true ? neutralJson(node) : neutralise(node.id, false))).join('\n');
}

/** Refreshes until Ctrl-C. Once the first list was shown, a server that is away is reported and retried. */
async function watch(session: CliSession, show: () => Promise<string>, lines: boolean): Promise<ExitCode> {
  const { stdout, environment, interrupted } = session.process;
  const inPlace = stdout.isTTY && environment['TERM'] !== 'dumb' && !lines;
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
  const { status, health, region, gpu, provider, deployment, tenant } = flags;
  requireFilled({ status, health, region, gpu, provider, deployment, tenant });
  const given = {
    status: flags.status,
    provider: flags.provider,
    region: flags.region,
    deploymentId: flags.deployment,
    tenantId: flags.tenant,
    health: flags.health,
    gpu: flags.gpu,
    q: flags.search,
    sort: flags.sort,
    direction: directionOf(flags),
    // A refreshed list is cut to the height of the terminal, and its foot would not be seen.
    counts: isLines(flags) || flags.watch === true || flags.output === 'name' ? undefined : true,
    limit: flags.all === true ? (flags.limit ?? NODE_LIST_MAX) : flags.limit,
    cursor: flags.cursor,
  };
  return parseFlags(nodeListQuerySchema, given, {
    deploymentId: '--deployment',
    tenantId: '--tenant',
    q: '--search',
  });
}

/** One page, or all of them as one. */
async function readNodes(client: NodeLister, query: NodeListQueryInput, isAll: boolean): Promise<NodePage> {
  if (!isAll) return client.listNodes(query);
  const pages: NodePage[] = [];
  for await (const page of pagesOf(client, query)) pages.push(page);
  return { nodes: pages.flatMap(({ nodes }) => nodes), counts: pages[0]?.counts };
}

async function* pagesOf(client: NodeLister, query: NodeListQueryInput): AsyncGenerator<NodePage> {
  let page = await client.listNodes(query);
  yield page;
  while (page.nextCursor !== undefined) {
    page = await client.listNodes({ ...query, counts: undefined, cursor: page.nextCursor });
    yield page;
  }
}

type NodeLister = Pick<LaunchlogClient, 'listNodes'>;

/** Each order has its own first direction: the newest, the costliest, the first letter. */
function directionOf({ sort = 'created', reverse }: ListFlags): 'asc' | 'desc' | undefined {
  if (reverse !== true) return undefined;
  return DESCENDING_SORTS.has(sort) ? 'asc' : 'desc';
}
