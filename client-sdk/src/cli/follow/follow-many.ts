import type { MergedStreamQueryInput } from '@launchlog/shared/merged-log';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import type { MergedFollowEvent } from '../../follow-many-options.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { createScreen } from '../screen/create-screen.js';
import type { LineFormat } from '../screen/log-line.js';
import type { CliProcess } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { sayGoodbye } from './follow-nodes.js';
import { FollowView } from './follow-view.js';

export interface FollowManyRequest {
  readonly client: LaunchlogClient;
  readonly process: CliProcess;
  /** Undefined: all nodes. */
  readonly deploymentId: string | undefined;
  /** With `follow: false` what there is, and then the end. */
  readonly query: MergedStreamQueryInput;
  readonly format: LineFormat;
}

/**
 * Shows the merged logs of a deployment or of all nodes, also of those that join later. A deployment is followed until
 * none of its launches runs any more; all nodes, until somebody presses Ctrl-C.
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
      // Without --follow nothing is waited for, so there is no end to tell of.
      if (event.type === 'done' && query.follow === false) continue;
      await show(client, view, event);
      const mayEnd = event.type === 'done' && deploymentId !== undefined;
      if (mayEnd && !(await anyRuns(client, view, deploymentId))) break;
    }
  } finally {
    stopListening();
    screen.close();
  }
  if (signal.aborted) {
    const scope = deploymentId === undefined ? '--all' : `--deployment ${deploymentId}`;
    sayGoodbye(process, view.running.length, `launchlog logs -f ${scope}`);
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

/** Asked after each end: a launch that began meanwhile belongs to the deployment, too. */
async function anyRuns(client: LaunchlogClient, view: FollowView, deploymentId: string): Promise<boolean> {
  if (view.running.length > 0) return true;
  const { nodes } = await client.listNodes({ deploymentId, status: ['launching'], limit: NODE_LIST_MAX });
  return nodes.some((node) => !view.hasEnded(node.id));
}
