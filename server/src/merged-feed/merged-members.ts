/** The logs that a merged stream reads. Without a deployment and a tenant: all. */
export interface MergedScope {
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
}

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
    scope: MergedScope,
    query: { readonly createdSinceMs: number; readonly endedSinceMs: number; readonly limit: number },
  ): Promise<readonly Member[]>;
  /** Nodes whose launch ended at or after the time, the latest end first. */
  ended(scope: MergedScope, endedSinceMs: number, limit: number): Promise<readonly Member[]>;
  /** The given nodes, without those outside the scope. */
  among(scope: MergedScope, ids: readonly string[]): Promise<readonly Member[]>;
  /** Calls back when a node of the scope was created or has changed, until the returned function is called. */
  listen(scope: MergedScope, onChange: (member: Member) => void): () => void;
}

export const MEMBER_GRACE_MS = 10_000;
