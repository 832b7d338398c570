import type { Done } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../launchlog-client.js';
import type { CliProcess } from './cli-session.js';
import { EXIT } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { FollowView } from './follow-view.js';
import { LiveScreen } from './live-screen.js';
import type { LineFormat } from './log-line.js';
import { merge } from './merge.js';
import { PlainScreen } from './plain-screen.js';
import type { Screen } from './screen.js';

export interface FollowNodesRequest {
  readonly client: LaunchlogClient;
  readonly process: CliProcess;
  readonly nodes: readonly Node[];
  readonly query: LogStreamQueryInput;
  readonly format: LineFormat;
}

/** Shows the logs of the nodes until every launch has ended or somebody presses Ctrl-C. */
export async function followNodes(request: FollowNodesRequest): Promise<ExitCode> {
  const { client, process, nodes, query, format } = request;
  const signal = process.interrupted;
  const screen = screenFor(process, format);
  const view = new FollowView(screen, format, nodes);
  try {
    const logs = nodes.map((node) => client.followLog(node.id, { ...query, signal, connectionEvents: true }));
    for await (const { index, item } of merge(logs)) await view.show(index, item);
  } finally {
    screen.close();
  }
  if (signal.aborted) {
    sayGoodbye(process, nodes, view.outcomes);
    return EXIT.interrupted;
  }
  return view.outcomes.every((done) => done !== undefined && done.status !== 'failed')
    ? EXIT.ok
    : EXIT.failed;
}

function screenFor(process: CliProcess, format: LineFormat): Screen {
  const live = process.stdout.isTTY && !format.json && process.environment['TERM'] !== 'dumb';
  return live
    ? new LiveScreen(process.stdout, process.stderr)
    : new PlainScreen(process.stdout, process.stderr);
}

function sayGoodbye(
  process: CliProcess,
  nodes: readonly Node[],
  outcomes: readonly (Done | undefined)[],
): void {
  const running = nodes.filter((_, index) => outcomes[index] === undefined);
  if (running.length === 0) return;
  const [subject, verb] = running.length === 1 ? ['The launch', 'goes'] : ['The launches', 'go'];
  const ids = running.map((node) => node.id).join(' ');
  process.stderr.write(`\n${subject} ${verb} on without you. Come back with:\n  launchlog logs -f ${ids}\n`);
}
