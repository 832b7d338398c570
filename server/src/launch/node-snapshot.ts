import type { Node, NodeStatus } from '@launchlog/shared/node';
import type { NodeSnapshot } from '../feed/node-feed.js';

/** The state of a node, for readers of its log that connect. */
export function nodeSnapshotOf(node: Node): NodeSnapshot {
  const { phase, progress, eta, status, endpoint, failureReason, hint } = node;
  const message = messageOf(node);
  return {
    status: { phase, progress, message, ...(eta && { eta }) },
    done: {
      // `done` keeps the words of 0.1.0.
      status: status === 'lost' ? 'terminated' : status,
      message,
      ...(endpoint && { endpoint }),
      ...(failureReason && { reason: failureReason }),
      ...(hint && { hint }),
    },
  };
}

const SENTENCES: Readonly<Record<NodeStatus, string>> = {
  launching: 'The launch is running',
  active: 'The node is serving',
  failed: 'The launch has failed',
  terminating: 'The node is being terminated',
  terminated: 'The node was terminated',
  lost: 'The machine of the node was lost',
};

function messageOf(node: Node): string {
  if (node.queuePosition !== undefined) return `Waiting in the queue, place ${node.queuePosition}`;
  return node.failureMessage ?? SENTENCES[node.status];
}
