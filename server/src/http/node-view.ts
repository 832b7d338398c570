import type { LaunchResult, Node } from '@launchlog/shared/node';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';

/** A node as REST shows it, including the columns of the old table under their old names. */
export function viewNode(node: Node) {
  return snakeCaseKeys(node);
}

/** The fields that a script needs while it waits for a node. */
export function viewNodeStatus(node: Node) {
  return {
    node_id: node.id,
    cluster_name: node.clusterName,
    ...snakeCaseKeys({
      status: node.status,
      phase: node.phase,
      progress: node.progress,
      queuePosition: node.queuePosition,
      endpoint: node.endpoint,
      failureReason: node.failureReason,
      failureMessage: node.failureMessage,
      hint: node.hint,
      eta: node.eta,
      stalled: node.stalled,
      updatedAt: node.updatedAt,
    }),
  };
}

/** The response to a launch, with the key of the endpoint if one was generated. */
export function viewLaunch({ node, endpointKey }: LaunchResult) {
  return {
    cluster_name: node.clusterName,
    node_id: node.id,
    status: 'launching' as const,
    ...(endpointKey !== undefined && { endpoint_key: endpointKey }),
  };
}
