import type { Node } from '@launchlog/shared/node';
import type { NodeOwner } from '../node-owner.js';

/**
 * What changes in the registry, whoever changes it: this server or another one.
 *
 * Order: as each method says. Loss: a change whose statement took longer than `CHANGE_OVERLAP_MS` from its beginning
 * to its visibility may be missed by who asks for later changes only; all others are found. Times are those of the
 * database, so that the clocks of servers need not agree. Rejects with `NodeStoreUnavailableError` when it is away.
 */
export interface ChangeStore {
  /** The database's clock, milliseconds since 1970. */
  now(): Promise<number>;

  /** Nodes that were changed at the place or after it, the oldest change first. */
  changedSince(place: ChangePlace, limit: number): Promise<readonly Node[]>;

  /** Nodes whose launch runs, or ended at or after `endedSinceMs`; the oldest node first. */
  joined(scope: NodeOwner, query: JoinedQuery): Promise<readonly Node[]>;

  /** Nodes whose launch ended at or after the time, the latest end first. */
  endedSince(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly Node[]>;

  /** Those of the ids that are nodes of the scope; in any order. */
  among(scope: NodeOwner, ids: readonly string[]): Promise<readonly Node[]>;
}

/** A row becomes visible a moment after the time that it carries; who reads on begins so much earlier. */
export const CHANGE_OVERLAP_MS = 10_000;

export interface ChangePlace {
  readonly changedAtMs: number;
  /** Where several nodes changed at this very time: those with a greater id. Undefined: all of them. */
  readonly afterId?: string | undefined;
}

export interface JoinedQuery {
  readonly createdSinceMs: number;
  readonly endedSinceMs: number;
  readonly limit: number;
}
