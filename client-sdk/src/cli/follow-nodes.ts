import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../launchlog-client.js';
import type { CliProcess } from './cli-session.js';
import { EXIT } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { FollowView } from './follow-view.js';
import type { LineFormat } from './log-line.js';
import { merge } from './merge.js';
import { sayGoodbye } from './say-goodbye.js';
import { screenFor } from './screen-for.js';

export interface FollowNodesRequest {
  readonly client: LaunchlogClient;
  readonly process: CliProcess;
  readonly nodes: readonly Node[];
  readonly query: LogStreamQueryInput;
  readonly format: LineFormat;
}

/** Shows the logs of the nodes until every launch has ended or somebody presses Ctrl-C. */
export async function followNodes(request: FollowNodesRequest): Promise<ExitCode> {
  const { client, process, query, format } = request;
  // A node that is named twice is followed once.
  const nodes = [...new Map(request.nodes.map((node) => [node.id, node])).values()];
  const signal = process.interrupted;
  const screen = screenFor(process, format);
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
    sayGoodbye(process, view.running.length, `launchlog logs -f ${ids}`);
    return EXIT.interrupted;
  }
  return view.succeeded ? EXIT.ok : EXIT.failed;
}
