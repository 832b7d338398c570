import type { Node } from '@launchlog/shared/node';
import type { FollowOptions } from '../../follow-options.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { createScreen } from '../screen/create-screen.js';
import type { LineFormat } from '../screen/log-line.js';
import type { CliProcess } from '../session/cli-session.js';
import { EXIT, type ExitCode } from '../session/exit-code.js';
import { FollowView } from './follow-view.js';
import { merge } from './merge.js';

interface FollowNodesRequest {
  readonly client: LaunchlogClient;
  readonly process: CliProcess;
  readonly nodes: readonly Node[];
  readonly query: FollowOptions;
  readonly format: LineFormat;
}

/** Shows the logs of the nodes until every launch has ended, or until Ctrl-C. */
export async function followNodes(request: FollowNodesRequest): Promise<ExitCode> {
  const { client, process, query, format } = request;
  // Follow a node once, even if it is named twice.
  const nodes = [...new Map(request.nodes.map((node) => [node.id, node])).values()];
  const signal = process.interrupted;
  const screen = createScreen(process, format);
  const view = new FollowView({ screen, format, named: nodes.length > 1 });
  for (const node of nodes) view.add(node);
  try {
    const logs = nodes.map((node) => client.followLog(node.id, { ...query, signal, connectionEvents: true }));
    for await (const { index, item } of merge(logs)) {
      if (item.type === 'connection') view.connection(item.connection);
      else await view.show(nodes[index]?.id ?? '', item);
    }
  } finally {
    screen.close();
  }
  if (signal.aborted) {
    const ids = view.running.map((node) => node.id).join(' ');
    printReattachHint(process, view.running.length, {
      follow: `launchlog logs -f ${ids}`,
      stop: `launchlog cancel ${ids}`,
    });
    return EXIT.interrupted;
  }
  return view.succeeded ? EXIT.ok : EXIT.failed;
}

interface Reattach {
  readonly follow: string;
  readonly stop: string;
}

/** After Ctrl-C: launches continue without the command line, and can be followed again or stopped. */
export function printReattachHint(process: CliProcess, running: number, { follow, stop }: Reattach): void {
  if (running === 0) return;
  const [subject, them] = running === 1 ? ['The launch continues', 'it'] : ['The launches continue', 'them'];
  process.stderr.write(
    `\n${subject} without you. Follow again with:\n  ${follow}\nStop ${them} with:\n  ${stop}\n`,
  );
}
