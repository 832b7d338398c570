import type { NodeRecord } from '../node/node-record.js';
import type { LaunchSpec } from '../orchestrator/orchestrator.js';

/** The spec of a node whose launch has ended. Its secrets and its position in the output are no longer known. */
export function endedLaunchSpec({ node, request, handle }: NodeRecord): LaunchSpec {
  return {
    nodeId: node.id,
    clusterName: node.clusterName,
    request,
    secrets: {},
    handle,
    checkpoint: undefined,
  };
}
