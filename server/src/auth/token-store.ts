import type { AccessToken, TokenScope } from '@launchlog/shared/access-token';

/**
 * Named tokens: one row each, never deleted, so that the audit trail goes on naming them.
 *
 * Only the hash of a token is kept. Every call is one statement and durable as the database is. "Standing" is judged by
 * the database's clock, the same for every server. Rejects with `NodeStoreUnavailableError` when the database is away.
 */
export interface TokenStore {
  /** `name_taken`: another token has it or had it; `too_many` stand already. */
  create(token: NewToken): Promise<AccessToken | 'name_taken' | 'too_many'>;

  /** All of them, the newest first; at most the `limit` newest. */
  list(limit: number): Promise<AccessToken[]>;

  /** Withdraws it; one that was withdrawn is answered as it stands. Undefined when there is none. */
  revoke(id: string): Promise<AccessToken | undefined>;

  /** All that are neither revoked nor expired. */
  standing(): Promise<StandingToken[]>;

  /** The standing token with this hash. */
  findStanding(hash: string): Promise<StandingToken | undefined>;
}

/** So many stand at once: every server holds all of them in memory. */
export const STANDING_TOKENS_MAX = 1_000;

export interface NewToken {
  readonly id: string;
  readonly name: string;
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly deploymentId: string | undefined;
  readonly tenantId: string | undefined;
  readonly createdBy: string;
  /** RFC 3339 */
  readonly expiresAt: string | undefined;
}

export interface StandingToken {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
}
