import type { NodeRecord } from '../node/node-record.js';
import type { LaunchSpec } from '../orchestrator/orchestrator.js';

/** What an orchestrator is told of a node whose launch has ended: its secrets and its place in the output are forgotten. */
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
