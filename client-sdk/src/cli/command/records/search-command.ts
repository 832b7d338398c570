import { Command } from 'commander';
import { logSearchQuerySchema } from '@launchlog/shared/log-search';
import type { LogSearchHit, LogSearchQueryInput } from '@launchlog/shared/log-search';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { logLine } from '../../screen/log-line.js';
import { neutralJson } from '../../screen/neutralise.js';
import { Style } from '../../screen/style.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT, UsageError } from '../../session/exit-code.js';
import type { ExitCode } from '../../session/exit-code.js';
import { LaunchlogApiError } from '../../../error/launchlog-api-error.js';
import { listOption, numberOption, parseFlags, requireCount, requireFilled } from '../flag-value.js';
import { pastWindow } from '../past-moment.js';
import { resolveNode } from '../resolve-node.js';

interface SearchFlags extends ClientFlags, OutputFlags {
  readonly regex?: boolean;
  readonly node?: string[];
  readonly deployment?: string;
  readonly level?: string[];
  readonly phase?: string[];
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly utc?: boolean;
}

const LIMIT_DEFAULT = 100;
const EXAMPLES = `
Examples:
  launchlog search 'CUDA out of memory'
  launchlog search --regex 'OOM|out of memory' --deployment chat --since 7d
  launchlog search quota --level error --json | jq -r .node_id

Exit code 1: nothing was found.
`;

export function searchCommand(session: CliSession): Command {
  const command = new Command('search')
    .description('find a text in the logs of all nodes, the newest nodes first')
    .argument('<text>', 'text to look for, ignoring case')
    .option('--regex', 'the text is an RE2 expression')
    .option('--node <nodes>', 'only these nodes', listOption)
    .option('--deployment <id>', 'only nodes of this deployment')
    .option('--level <levels>', 'only these levels: debug, info, warn, error', listOption)
    .option('--phase <phases>', 'only these phases', listOption)
    .option('--since <time>', 'entries since this moment: 10m, 7d, yesterday, 09:30 or RFC 3339')
    .option('--until <time>', 'entries until this moment')
    .option('-n, --limit <count>', 'the most lines to print', numberOption, LIMIT_DEFAULT)
    .option('--utc', 'show times in UTC')
    .option('-q, --quiet', 'print only the ids of nodes that have such a line');
  addOutput(command).addHelpText('after', EXAMPLES);
  return command.action(async (text: string) => {
    session.exitCode = await runSearch(session, text, command.optsWithGlobals<SearchFlags>());
  });
}

async function runSearch(session: CliSession, text: string, flags: SearchFlags): Promise<ExitCode> {
  requireCount(flags.limit, '--limit');
  const client = await session.client(flags);
  const nodes =
    flags.node === undefined ? [] : await Promise.all(flags.node.map((name) => resolveNode(client, name)));
  const query = queryOf(
    text,
    flags,
    nodes.map(({ id }) => id),
  );
  const show = hitText(session, flags);
  const collected: LogSearchHit[] = [];
  const { json, quiet, output = 'table' } = flags;
  const isDocument = json !== true && (quiet === true || (output !== 'table' && output !== 'wide'));
  const { interrupted } = session.process;
  let found = 0;
  let cursor: string | undefined;
  do {
    const limit = Math.min(query.limit ?? LIMIT_DEFAULT, flags.limit - found);
    const page = await client.logs
      .search({ ...query, limit, ...(cursor && { cursor }) }, { signal: interrupted })
      .catch(faultOfText);
    if (isDocument) collected.push(...page.hits);
    else for (const hit of page.hits) session.print(show(hit));
    found += page.hits.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && found < flags.limit);
  if (isDocument) printHits(session, flags, { hits: collected, cursor });
  if (cursor !== undefined)
    session.warn(`there may be more than ${found}: raise --limit, or narrow the search`);
  return found > 0 ? EXIT.ok : EXIT.failed;
}

/** Only the server parses expressions, and it names its own field. */
function faultOfText(error: unknown): never {
  if (error instanceof LaunchlogApiError && error.message.startsWith("'regex' "))
    throw new UsageError(error.message.replace("'regex'", '<text>'));
  throw error;
}

/** A document is printed once it is complete; lines are printed as they are found. */
function printHits(
  session: CliSession,
  flags: SearchFlags,
  { hits, cursor }: { readonly hits: readonly LogSearchHit[]; readonly cursor: string | undefined },
): void {
  const nodes = [...new Map(hits.map((hit) => [hit.nodeId, hit])).values()];
  printItems(session, flags, {
    items: flags.quiet === true || flags.output === 'name' ? nodes : hits,
    list: 'hits',
    nameOf: ({ nodeId, clusterName }) => (flags.quiet === true ? nodeId : clusterName),
    table: () => '',
    none: '',
    ...(cursor !== undefined && { beside: { next_cursor: cursor } }),
  });
}

function queryOf(text: string, flags: SearchFlags, nodeIds: readonly string[]): LogSearchQueryInput {
  const now = { nowMs: Date.now(), utc: flags.utc === true };
  const { node, deployment, level, phase } = flags;
  requireFilled({ node, deployment, level, phase });
  const given = {
    ...(flags.regex === true ? { regex: text } : { q: text }),
    nodeId: nodeIds.length === 0 ? undefined : [...nodeIds],
    deploymentId: flags.deployment,
    level: flags.level,
    phase: flags.phase,
    ...pastWindow(flags, now),
  };
  return parseFlags(logSearchQuerySchema, given, {
    q: '<text>',
    regex: '<text>',
    nodeId: '--node',
    deploymentId: '--deployment',
  });
}

/** Each node keeps its colour. */
function hitText(session: CliSession, flags: SearchFlags): (hit: LogSearchHit) => string {
  const { stdout, environment } = session.process;
  const style = Style.for(stdout, environment, flags.color);
  const format = { style, form: 'text' as const, timestamps: true, utc: flags.utc === true };
  const indexes = new Map<string, number>();
  return ({ nodeId, clusterName, entry }) => {
    if (flags.json === true) return neutralJson({ node_id: nodeId, cluster_name: clusterName, ...entry });
    const index = indexes.get(nodeId) ?? indexes.size;
    indexes.set(nodeId, index);
    return logLine(entry, format, { nodeId, label: clusterName, index }) ?? '';
  };
}
