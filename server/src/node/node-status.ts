import type { NodeStatus } from '@launchlog/shared/node';
import type { NodeRow } from './node-table.js';

/** A lost node is stored as terminated, which servers of 0.1.0 know, with the reason of its loss. See decision 130. */
export function statusOf({ status, lossReason }: Pick<NodeRow, 'status' | 'lossReason'>): NodeStatus {
  return status === 'terminated' && lossReason !== null ? 'lost' : status;
}
