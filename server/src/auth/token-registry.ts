import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import { SCOPES, tokenScopeOf, type Principal } from '../principal.js';
import type { StandingToken, TokenStore } from './token-store.js';
import type { TokenVerifier } from './token-verifier.js';

/** A revocation by another server is noticed within this and one query. */
const POLL_MS = 1_000;
/** If the table could not be read for this long, tokens may have been revoked: all are refused until it can be read. */
const STALE_MAX_MS = 60_000;
const RETRY_AFTER_SECONDS = 5;
const TOKEN_PREFIX = 'llt_';
const TOKEN_PATTERN = /^llt_[A-Za-z0-9_-]{43}$/;

interface TokenRegistryOptions {
  readonly store: Pick<TokenStore, 'standing' | 'findStanding'>;
  readonly clock: Clock;
  readonly onProblem: (problem: string, error: unknown) => void;
}

interface Live {
  readonly token: StandingToken;
  readonly principal: Principal;
  readonly stop: AbortController;
  /** The refresh during or before which it was learnt. An earlier refresh cannot know whether it was revoked. */
  readonly round: number;
}

/**
 * All valid named tokens, in memory, refreshed every second. Requests do not wait for the database, and everything that
 * a token has open ends when the token is revoked or expires.
 */
export class TokenRegistry implements TokenVerifier {
  /** 32 random bytes each. */
  readonly isGuessable = false;
  readonly #options: TokenRegistryOptions;
  readonly #byHash = new Map<string, Live>();
  readonly #byId = new Map<string, Live>();
  /** Tokens that this process revoked: a refresh that began earlier must not restore them. */
  readonly #revoked = new Set<string>();
  #stopPolling = (): void => {};
  #round = 0;
  #refreshing: Promise<void> | undefined;
  #seenMs: number;
  #problemReported = false;

  constructor(options: TokenRegistryOptions) {
    this.#options = options;
    this.#seenMs = options.clock.monotonic();
  }

  /** Resolves after the first refresh. */
  async start(): Promise<void> {
    this.#stopPolling = this.#options.clock.every(POLL_MS, () => void this.refresh());
    await this.refresh();
  }

  /** Idempotent. */
  close(): void {
    this.#stopPolling();
  }

  isOurKind(token: string): boolean {
    return token.startsWith(TOKEN_PREFIX);
  }

  verify(token: string): Promise<Principal | undefined> {
    if (!TOKEN_PATTERN.test(token)) return Promise.resolve(undefined);
    return Promise.resolve(this.#standing(this.#byHash.get(hashOf(token)))?.principal);
  }

  /** Finds a token that another server created a moment ago. */
  async search(token: string): Promise<Principal | undefined> {
    if (!TOKEN_PATTERN.test(token)) return undefined;
    try {
      const found = await this.#options.store.findStanding(hashOf(token));
      return found === undefined ? undefined : this.learn(found);
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** The present rights of a token; undefined if it was revoked or has expired. */
  holder(tokenId: string): Principal | undefined {
    return this.#standing(this.#byId.get(tokenId))?.principal;
  }

  learn(token: StandingToken): Principal | undefined {
    if (this.#revoked.has(token.id)) return undefined;
    const known = this.#byId.get(token.id);
    if (known !== undefined) return known.principal;
    const stop = new AbortController();
    /** Every open stream of the token listens. */
    setMaxListeners(0, stop.signal);
    const live: Live = { token, stop, principal: principalOf(token, stop.signal), round: this.#round };
    this.#byId.set(token.id, live);
    this.#byHash.set(token.hash, live);
    return live.principal;
  }

  /** Ends everything the token has open here, at once. */
  revoke(tokenId: string): void {
    this.#revoked.add(tokenId);
    this.#drop(tokenId);
  }

  refresh(): Promise<void> {
    this.#dropExpired();
    this.#dropAllWhenStale();
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const { store, clock, onProblem } = this.#options;
    this.#round += 1;
    const round = this.#round;
    const beganMs = clock.monotonic();
    try {
      const standing = await store.standing();
      const ids = new Set(standing.map(({ id }) => id));
      for (const live of this.#byId.values()) {
        if (live.round < round && !ids.has(live.token.id)) this.#drop(live.token.id);
      }
      for (const token of standing) this.learn(token);
      this.#seenMs = beganMs;
      this.#problemReported = false;
    } catch (error) {
      if (!this.#problemReported) onProblem('the named tokens cannot be read', error);
      this.#problemReported = true;
    }
  }

  #standing(live: Live | undefined): Live | undefined {
    if (live === undefined) return undefined;
    if (this.#isStale()) throw unavailable(undefined);
    return isExpired(live.token, this.#options.clock.now()) ? undefined : live;
  }

  #isStale(): boolean {
    return this.#options.clock.monotonic() - this.#seenMs > STALE_MAX_MS;
  }

  /** The next successful refresh restores them. */
  #dropAllWhenStale(): void {
    if (this.#isStale()) for (const id of this.#byId.keys()) this.#drop(id, unavailable(undefined));
  }

  #dropExpired(): void {
    const nowMs = this.#options.clock.now();
    for (const { token } of this.#byId.values()) if (isExpired(token, nowMs)) this.#drop(token.id);
  }

  #drop(tokenId: string, reason = new LaunchlogError('invalid_admin_token', 'invalid admin token')): void {
    const live = this.#byId.get(tokenId);
    if (live === undefined) return;
    this.#byId.delete(tokenId);
    this.#byHash.delete(live.token.hash);
    live.stop.abort(reason);
  }
}

/**
 * A fast hash is enough for 32 random bytes, which cannot be guessed; slow hashes are for passwords. The time of a look-up
 * could at most reveal the beginning of a hash, which does not lead to a token. See decision 47.
 */
export function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

function principalOf(token: StandingToken, revoked: AbortSignal): Principal {
  return {
    name: token.name,
    kind: 'named_token',
    scopes: SCOPES.filter((scope) => token.scopes.includes(tokenScopeOf(scope))),
    tokenId: token.id,
    deploymentId: token.deploymentId,
    tenantId: token.tenantId,
    revoked,
  };
}

function isExpired({ expiresAtMs }: StandingToken, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

function unavailable(cause: unknown): LaunchlogError {
  return new LaunchlogError('unavailable', 'the named tokens cannot be read now', {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
