import type { NodeOwner } from '../node-owner.js';

export interface Member {
  readonly nodeId: string;
  /** By the registry's clock. */
  readonly createdAtMs: number;
}

/**
 * The nodes behind a merged stream.
 *
 * A node may become visible up to `MEMBER_GRACE_MS` after the time of its creation, no later. Rejects when the
 * registry does not answer.
 */
export interface MergedMembers {
  /** The registry's clock, milliseconds since 1970. */
  now(): Promise<number>;
  /** Nodes created at or after `createdSinceMs` whose launch runs, or ended at or after `endedSinceMs`; the oldest first. */
  joined(
    scope: NodeOwner,
    query: { readonly createdSinceMs: number; readonly endedSinceMs: number; readonly limit: number },
  ): Promise<readonly Member[]>;
  /** How many nodes `joined` would give without its limit. */
  countJoined(
    scope: NodeOwner,
    query: { readonly createdSinceMs: number; readonly endedSinceMs: number },
  ): Promise<number>;
  /** Nodes whose launch ended at or after the time, the latest end first. */
  ended(scope: NodeOwner, endedSinceMs: number, limit: number): Promise<readonly Member[]>;
  /** The given nodes, without those outside the scope. */
  among(scope: NodeOwner, ids: readonly string[]): Promise<readonly Member[]>;
  /** Calls back when a node of the scope was created or has changed, until the returned function is called. */
  listen(scope: NodeOwner, onChange: (member: Member) => void): () => void;
}

export const MEMBER_GRACE_MS = 10_000;
