import type { LogPage } from '@launchlog/shared/log-query';
import { Command } from 'commander';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { followMany } from '../follow/follow-many.js';
import { followNodes } from '../follow/follow-nodes.js';
import { logLine } from '../screen/log-line.js';
import type { LineFormat } from '../screen/log-line.js';
import { PlainScreen } from '../screen/plain-screen.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT, UsageError } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { addLogFlags, logQueryOf } from './log-flags.js';
import type { LogFlags } from './log-flags.js';
import { nodesOfDeployment, resolveNode } from './resolve-node.js';

interface LogsFlags extends ClientFlags, LogFlags {
  readonly follow?: boolean;
  readonly deployment?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly timestamps?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  launchlog logs -f 550e8400                          follow until the launch has ended
  launchlog logs 550e8400 --since 10m --level warn,error
  launchlog logs -f --deployment chat                 all nodes of a deployment as one stream
  launchlog logs -f --all --level warn,error          problems on any node
  launchlog logs 550e8400 --json | jq -r .message
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
    .option('--json', 'print one JSON object per line, as in the REST API')
    .option('--timestamps', 'begin each line with its time')
    .addHelpText('after', EXAMPLES);
  addLogFlags(command);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<LogsFlags>();
    session.exitCode = await runLogs(session, names, flags);
  });
}

async function runLogs(session: CliSession, names: readonly string[], flags: LogsFlags): Promise<ExitCode> {
  const all = flags.all === true;
  if ([names.length > 0, flags.deployment !== undefined, all].filter(Boolean).length !== 1) {
    throw new UsageError('name one or more nodes, or pass --deployment or --all');
  }
  const query = logQueryOf(flags, Date.now());
  const format = lineFormat(session, flags);
  const client = await session.client(flags);
  const { process } = session;
  const follow = flags.follow === true;
  if (all)
    return followMany({ client, process, deploymentId: undefined, query: { ...query, follow }, format });
  const nodes = await selectedNodes(client, names, flags.deployment);
  // If no launch is running there is nothing to wait for: show the logs, however old they are.
  if (follow && flags.deployment !== undefined && nodes.some((node) => node.status === 'launching')) {
    return followMany({ client, process, deploymentId: flags.deployment, query, format });
  }
  if (follow) return followNodes({ client, process, nodes, query, format });
  const pages = await Promise.all(nodes.map((node) => client.logs(node.id, query)));
  await printPages({ session, format, nodes, pages });
  return EXIT.ok;
}

export function lineFormat(
  session: CliSession,
  flags: Pick<LogsFlags, 'json' | 'timestamps' | 'color'>,
): LineFormat {
  const { stdout, environment } = session.process;
  return {
    style: Style.for(stdout, environment, flags.color),
    json: flags.json === true,
    timestamps: flags.timestamps === true,
  };
}

async function selectedNodes(
  client: LaunchlogClient,
  names: readonly string[],
  deployment: string | undefined,
) {
  if (deployment === undefined) return Promise.all(names.map((name) => resolveNode(client, name)));
  const nodes = await nodesOfDeployment(client, deployment);
  if (nodes.length === 0) throw new UsageError(`no node belongs to deployment '${deployment}'`);
  return nodes;
}

interface Pages {
  readonly session: CliSession;
  readonly format: LineFormat;
  readonly nodes: readonly Node[];
  readonly pages: readonly LogPage[];
}

/** Merges the logs by time; each keeps its own order. */
async function printPages({ session, format, nodes, pages }: Pages): Promise<void> {
  const screen = new PlainScreen(session.process.stdout, session.process.stderr);
  const entries = pages.flatMap((page, index) =>
    page.logs.map((entry): [LogEntry, number] => [entry, index]),
  );
  if (pages.length > 1)
    entries.sort(([one], [other]) => Date.parse(one.timestamp) - Date.parse(other.timestamp));
  for (const [entry, index] of entries) {
    const node = nodes[index];
    const origin =
      pages.length > 1 && node !== undefined
        ? { nodeId: node.id, label: node.clusterName, index }
        : undefined;
    await screen.line(logLine(entry, format, origin));
  }
}
