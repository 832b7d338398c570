import { Command } from 'commander';
import { expressionFault } from '@launchlog/shared/expression/expression-fault';
import { TAIL_MAX } from '@launchlog/shared/log-query';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { addLineOutput } from '../output/output-flag.js';
import type { Output, OutputFlags } from '../output/output-flag.js';
import { followMany } from '../follow/follow-many.js';
import { followNodes } from '../follow/follow-nodes.js';
import { printHistory } from '../follow/print-history.js';
import { printRuntime } from '../follow/print-runtime.js';
import type { LineFormat } from '../screen/log-line.js';
import { ALL_NODES } from '../screen/error-text.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { UsageError } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { addLogFlags, logQueryOf } from './log-flags.js';
import type { LogFlags } from './log-flags.js';
import { requireFilled } from './flag-value.js';
import { nodesNamed } from './node-selection.js';
import { nodesOfDeployment, resolveNode } from './resolve-node.js';

interface LogsFlags extends ClientFlags, LogFlags {
  readonly follow?: boolean;
  readonly deployment?: string;
  readonly all?: boolean;
  readonly runtime?: boolean;
  readonly output?: Output;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly timestamps?: boolean;
  readonly exclude?: RegExp[];
  readonly highlight?: RegExp[];
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  launchlog logs -f 550e8400                          follow until the launch has ended
  launchlog logs 550e8400 --since 10m --level warn,error
  launchlog logs 550e8400 --since yesterday --until 09:30 --timestamps
  launchlog logs 550e8400 -n 20 --exclude 'INFO .*GET /health' --highlight '[0-9.]+ GiB'
  launchlog logs -f --deployment chat                 all nodes of a deployment as one stream
  launchlog logs -f --all --level warn,error          problems on any node
  launchlog logs --runtime -f 550e8400                what its model server prints now
  launchlog logs 550e8400 -o json | jq -r .message    an entry on each line
`;

export function logsCommand(session: CliSession): Command {
  const command = new Command('logs')
    .description('show the log of one or several nodes')
    .argument('[nodes...]', 'ids, beginnings of ids, or cluster names')
    .option('-f, --follow', 'continue with new entries until every launch has ended')
    .option('--deployment <id>', 'all nodes of a deployment, including those that join later')
    .option(
      '--all',
      'all nodes that are launching, whose launch ended within the last hour, or that join later',
    )
    .option('--runtime', 'what an active node prints now, read from its machine; nothing of it is stored')
    .option('--timestamps', 'begin each line with its time')
    .option(
      '--exclude <expression>',
      'hide messages that match; may be repeated',
      expressionOption('--exclude', ''),
    )
    .option(
      '--highlight <expression>',
      'mark what matches; may be repeated',
      expressionOption('--highlight', 'g'),
    )
    .addHelpText('after', EXAMPLES);
  addLogFlags(addLineOutput(command));
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<LogsFlags>();
    session.exitCode = await runLogs(session, names, flags);
  });
}

async function runLogs(session: CliSession, names: readonly string[], flags: LogsFlags): Promise<ExitCode> {
  if (flags.runtime === true) return runRuntime(session, names, flags);
  const all = flags.all === true;
  const ways = [names.length > 0, flags.deployment !== undefined, all].filter(Boolean).length;
  if (ways === 0) throw new UsageError('name one or more nodes, or pass --deployment or --all');
  requireFilled({ deployment: flags.deployment });
  if (ways > 1)
    throw new UsageError('names of nodes, --deployment and --all exclude each other: pass one of them');
  const { filter, tail } = logQueryOf(flags, Date.now());
  const follow = flags.follow === true;
  const many = () => ({ ...filter, tail: countedTail(tail), follow });
  const format = lineFormat(session, flags);
  const client = await session.client(flags);
  const { process } = session;
  if (all) return followMany({ client, process, deploymentId: undefined, query: many(), format });
  const nodes = await selectedNodes(client, names, flags.deployment);
  if (!follow) return printHistory({ client, process, nodes, filter, tail, format });
  // If no launch is running there is nothing to wait for: show the logs, however old they are.
  if (flags.deployment !== undefined && nodes.some((node) => node.status === 'launching')) {
    return followMany({ client, process, deploymentId: flags.deployment, query: many(), format });
  }
  if (tail === 'all' && filter.since !== undefined) {
    throw new UsageError('--tail all with -f begins at the first entry: leave out --since or --tail all');
  }
  return followNodes({ client, process, nodes, query: { ...filter, tail }, format });
}

/** Lines of a running node have no numbers, times or phases to filter by. */
async function runRuntime(
  session: CliSession,
  names: readonly string[],
  flags: LogsFlags,
): Promise<ExitCode> {
  const [name, another] = names;
  if (name === undefined || another !== undefined || flags.deployment !== undefined || flags.all === true)
    throw new UsageError('--runtime is for one node');
  const { filter, tail } = logQueryOf(flags, Date.now());
  if (tail === 'all' || Object.values(filter).some((value) => value !== undefined))
    throw new UsageError('--runtime takes --tail from 1 to 1000 and no other filter');
  const format = lineFormat(session, flags);
  const client = await session.client(flags);
  const node = await resolveNode(client, name);
  return printRuntime({ client, session, nodeId: node.id, tail, follow: flags.follow === true, format });
}

/** Streams of many nodes count the entries of all of them together. */
function countedTail(tail: number | 'all'): number {
  if (tail !== 'all') return tail;
  throw new UsageError(
    `--tail all is for nodes that are named, or --deployment without -f: pass at most --tail ${TAIL_MAX}`,
  );
}

/** Collects expressions. Throws a UsageError that names the flag. */
function expressionOption(flag: string, flags: string) {
  return (text: string, earlier: readonly RegExp[] | undefined): RegExp[] => {
    try {
      return [...(earlier ?? []), new RegExp(text, flags)];
    } catch (error) {
      const reason = expressionFault(error);
      throw new UsageError(
        `${flag} must be a regular expression, not '${text}'${reason === undefined ? '' : `: ${reason}`}`,
      );
    }
  };
}

/** The form of each line. Names stand for nodes, and are printed by those commands alone that launch some. */
function formOf({ output, json, quiet }: OutputFlags): LineFormat['form'] {
  if (json === true) return 'json';
  if (quiet === true || output === 'name') return 'none';
  return output === undefined || output === 'table' ? 'text' : output;
}

export function lineFormat(
  session: CliSession,
  flags: Pick<
    LogsFlags,
    'output' | 'json' | 'quiet' | 'timestamps' | 'utc' | 'exclude' | 'highlight' | 'color'
  >,
): LineFormat {
  const { stdout, environment } = session.process;
  return {
    style: Style.for(stdout, environment, flags.color),
    form: formOf(flags),
    timestamps: flags.timestamps === true,
    utc: flags.utc === true,
    exclude: flags.exclude ?? [],
    highlight: flags.highlight ?? [],
  };
}

async function selectedNodes(
  client: LaunchlogClient,
  names: readonly string[],
  deployment: string | undefined,
) {
  if (deployment === undefined) return nodesNamed(client, names);
  const nodes = await nodesOfDeployment(client, deployment);
  if (nodes.length === 0) throw new UsageError(`no node belongs to deployment '${deployment}'; ${ALL_NODES}`);
  return nodes;
}
