import type { NodeEvent } from '@launchlog/shared/node-event';

/**
 * The events of nodes. Order: events of a node have the numbers 1, 2, 3, … in the order in which they happened. Loss: none;
 * they are kept as long as the node. Atomicity: an event becomes visible with the change that it reports. Rejects with
 * `NodeStoreUnavailableError` when the database is unavailable.
 */
export interface NodeEventStore {
  /** The events after `seq`, oldest first, at most `limit` of them. */
  read(nodeId: string, afterSeq: number, limit: number): Promise<NodeEventSlice>;
}

export interface NodeEventSlice {
  /** Undefined for a node without events. */
  readonly epoch: string | undefined;
  /** The number of the newest event; 0 without any. */
  readonly newestSeq: number;
  readonly events: readonly NodeEvent[];
}
