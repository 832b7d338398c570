import type { Node } from '@launchlog/shared/node';
import type { NodeOwner } from '../node-owner.js';

/**
 * Changes in the registry, made by this server or any other.
 *
 * Order: documented at each method. Loss: a reader of later changes may miss a change if its statement took longer than
 * `CHANGE_OVERLAP_MS` from its beginning to its visibility; it finds all others. Times are the database's, so the clocks
 * of servers need not agree. Rejects with `NodeStoreUnavailableError` when the database is unavailable.
 */
export interface ChangeStore {
  /** The database's clock, in milliseconds since 1970. */
  now(): Promise<number>;

  /** Nodes changed at the cursor or after it, oldest change first. */
  changedSince(cursor: ChangeCursor, limit: number): Promise<readonly Node[]>;

  /** Nodes whose launch is running, or ended at or after `endedSinceMs`, oldest node first. */
  joined(scope: NodeOwner, query: JoinedQuery): Promise<readonly NodeBirth[]>;

  /** How many nodes `joined` would give without its limit. */
  countJoined(scope: NodeOwner, query: Omit<JoinedQuery, 'limit'>): Promise<number>;

  /** Nodes whose launch ended at or after the time, latest end first. */
  endedSince(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly NodeBirth[]>;

  /** The owner's nodes among the ids, in any order. */
  among(scope: NodeOwner, ids: readonly string[]): Promise<readonly NodeBirth[]>;

  /** The ids of those whose launch has ended and whose machine is not about to be terminated, in any order. */
  endedAmong(ids: readonly string[]): Promise<readonly string[]>;
}

/** A row becomes visible a moment after the time stored in it. Readers that resume start this much earlier. */
export const CHANGE_OVERLAP_MS = 10_000;

export interface ChangeCursor {
  readonly changedAtMs: number;
  /** Among nodes changed at exactly this time, those with a greater id. If undefined, all of them. */
  readonly afterId?: string | undefined;
}

/** The id of a node and the time of its creation: thousands of these are read at once. */
export type NodeBirth = Pick<Node, 'id' | 'createdAt'>;

export interface JoinedQuery {
  readonly createdSinceMs: number;
  readonly endedSinceMs: number;
  readonly limit: number;
}
