import type { AccessToken, TokenScope } from '@launchlog/shared/access-token';

/**
 * Named tokens, one row each. Rows are never deleted, so that the names in the audit trail stay unique.
 *
 * Only the hash of a token is stored. Every call is one statement, and as durable as the database. A token is valid
 * while it is neither revoked nor expired, by the database's clock, which is the same for every server. Every call rejects
 * with `NodeStoreUnavailableError` if the database is unreachable.
 */
export interface TokenStore {
  /** `name_taken`: another token has, or had, this name. `too_many`: the limit of valid tokens is reached. */
  create(token: NewToken): Promise<AccessToken | 'name_taken' | 'too_many'>;

  /** The `limit` newest tokens, newest first. */
  list(limit: number): Promise<AccessToken[]>;

  /** Undefined if there is no such token. */
  find(id: string): Promise<AccessToken | undefined>;

  /** Revokes a token, and returns one that was already revoked unchanged. Undefined if there is no such token. */
  revoke(id: string): Promise<AccessToken | undefined>;

  /**
   * Gives a valid token the secret with this hash. The former one is valid for `graceSeconds` more, and one before that
   * not at all. Undefined if there is no such token.
   */
  rotate(id: string, hash: string, graceSeconds: number): Promise<RotatedToken | undefined>;

  /** Writes down when tokens were last used (milliseconds since 1970). */
  used(moments: ReadonlyMap<string, number>): Promise<void>;

  /** All valid tokens. */
  listValid(): Promise<ValidToken[]>;

  /** The valid token with this hash, also that of its former secret while it is valid. */
  findValid(hash: string): Promise<ValidToken | undefined>;
}

/** The most valid tokens: every server keeps all of them in memory. */
export const VALID_TOKENS_MAX = 1_000;

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

export interface ValidToken {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAtMs?: number | undefined;
  /** The hash of the former secret, if the token was rotated. */
  readonly previousHash?: string | undefined;
  /** Until when the former secret is valid: milliseconds since 1970. */
  readonly previousUntilMs?: number | undefined;
  readonly rotatedAtMs?: number | undefined;
}

export interface RotatedToken {
  readonly shown: AccessToken;
  readonly token: ValidToken;
}
