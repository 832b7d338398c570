import type { MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import type { MergedFollowEvent } from '../../follow-options.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { createScreen } from '../screen/create-screen.js';
import type { LineFormat } from '../screen/log-line.js';
import type { CliProcess } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { printReattachHint } from './follow-nodes.js';
import { FollowView } from './follow-view.js';

interface FollowManyRequest {
  readonly client: LaunchlogClient;
  readonly process: CliProcess;
  /** Undefined for all nodes. */
  readonly deploymentId: string | undefined;
  /** With `follow: false`, prints the existing entries and ends. */
  readonly query: MergedStreamQueryInput;
  readonly format: LineFormat;
}

/**
 * Shows the merged logs of a deployment or of all nodes, including nodes that join later. A deployment is followed until
 * none of its launches is running; all nodes are followed until Ctrl-C.
 */
export async function followMany(request: FollowManyRequest): Promise<ExitCode> {
  const { client, process, deploymentId, query, format } = request;
  const signal = process.interrupted;
  const screen = createScreen(process, format);
  const view = new FollowView({ screen, format, named: true });
  const stopListening = client.onConnectionChange((state) => view.connection(state));
  try {
    const options = { ...query, signal };
    const events =
      deploymentId === undefined ? client.followAll(options) : client.followDeployment(deploymentId, options);
    for await (const event of events) {
      // Without --follow nobody waits for the end of a launch, so it is not reported.
      if (event.type === 'done' && query.follow === false) continue;
      await show(client, view, event);
      const mayEnd = event.type === 'done' && deploymentId !== undefined;
      if (mayEnd && !(await anyRunning(client, view, deploymentId))) break;
    }
  } finally {
    stopListening();
    screen.close();
  }
  if (signal.aborted) {
    const all = deploymentId === undefined;
    printReattachHint(process, view.running.length, {
      follow: `launchlog logs -f ${all ? '--all' : `--deployment ${deploymentId}`}`,
      stop: `launchlog cancel --selector ${all ? 'status=launching' : `deployment=${deploymentId}`}`,
    });
    return EXIT.interrupted;
  }
  return query.follow === false || view.succeeded ? EXIT.ok : EXIT.failed;
}

async function show(client: LaunchlogClient, view: FollowView, event: MergedFollowEvent): Promise<void> {
  if (event.type === 'end') return;
  if (event.nodeId === undefined) {
    if (event.type === 'notice') view.remark(event.notice.message);
    return;
  }
  if (!view.knows(event.nodeId)) view.add(await client.getNode(event.nodeId));
  await view.show(event.nodeId, event);
}

/** Checked after each launch that ends: another one of the deployment may have started in the meantime. */
async function anyRunning(client: LaunchlogClient, view: FollowView, deploymentId: string): Promise<boolean> {
  if (view.running.length > 0) return true;
  const { nodes } = await client.listNodes({ deploymentId, status: ['launching'], limit: NODE_LIST_MAX });
  return nodes.some((node) => !view.hasEnded(node.id));
}
