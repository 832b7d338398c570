import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import { heldScopes, type Principal } from '../principal.js';
import type { ReadPace } from './read-pace.js';
import type { ValidToken, TokenStore } from './token-store.js';
import type { TokenVerifier } from './token-verifier.js';

/** How often the last uses of tokens are written down. */
const USED_EVERY_MS = 60_000;
/** A revocation by another server is noticed within this and one query. */
const POLL_MS = 1_000;
/** If the table could not be read for this long, tokens may have been revoked: all are refused until it can be read. */
const STALE_MAX_MS = 60_000;
const RETRY_AFTER_SECONDS = 5;
const TOKEN_PREFIX = 'llt_';
const TOKEN_PATTERN = /^llt_[A-Za-z0-9_-]{43}$/;

interface TokenRegistryOptions {
  readonly store: Pick<TokenStore, 'listValid' | 'findValid' | 'used'>;
  readonly clock: Clock;
  readonly onProblem: (problem: string, error: unknown) => void;
  readonly pace?: ReadPace;
}

/** The secret of a token, as a client sends it. A token has two while it is being rotated. */
interface Secret {
  readonly hash: string;
  readonly principal: Principal;
  readonly stop: AbortController;
  /** When the secret expires, in milliseconds since 1970; undefined for the current secret. */
  readonly untilMs: number | undefined;
}

interface Live {
  token: ValidToken;
  /** The holder of either secret, whose `revoked` is that of the token. */
  readonly principal: Principal;
  readonly stop: AbortController;
  secrets: readonly Secret[];
  /** The latest refresh that had begun when the token became known. An earlier one cannot show that it was revoked. */
  readonly round: number;
}

/**
 * All valid named tokens, in memory, refreshed at the pace that is given, and every second without one. Requests do not wait
 * for the database, and everything that a token has open ends when the token is revoked or expires.
 */
export class TokenRegistry implements TokenVerifier {
  /** Its secrets have 32 random bytes. */
  readonly isGuessable = false;
  readonly #options: TokenRegistryOptions;
  readonly #byHash = new Map<string, { readonly live: Live; readonly secret: Secret }>();
  readonly #byId = new Map<string, Live>();
  /** Tokens that this process revoked: a refresh that began earlier must not restore them. */
  readonly #revoked = new Set<string>();
  /** When each was last used here, milliseconds since 1970. */
  #used = new Map<string, number>();
  readonly #stops: (() => void)[] = [];
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
    const { clock } = this.#options;
    this.#stops.push(
      clock.every(POLL_MS, () => void this.refresh()),
      clock.every(USED_EVERY_MS, () => void this.#writeUsed()),
    );
    await this.refresh();
  }

  /** Writes down when tokens were last used. Idempotent. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.#writeUsed();
  }

  isOurKind(token: string): boolean {
    return token.startsWith(TOKEN_PREFIX);
  }

  verify(token: string): Promise<Principal | undefined> {
    if (!TOKEN_PATTERN.test(token)) return Promise.resolve(undefined);
    const found = this.#byHash.get(hashOf(token));
    const isOver = isAfter(found?.secret.untilMs, this.#options.clock.now());
    const live = isOver ? undefined : this.#ifValid(found?.live);
    if (live === undefined) return Promise.resolve(undefined);
    this.#used.set(live.token.id, this.#options.clock.now());
    return Promise.resolve(found?.secret.principal);
  }

  /** Finds a token that another server created a moment ago. */
  async search(token: string): Promise<Principal | undefined> {
    if (!TOKEN_PATTERN.test(token)) return undefined;
    try {
      const found = await this.#options.store.findValid(hashOf(token));
      if (found === undefined) return undefined;
      this.learn(found);
      return await this.verify(token);
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /**
   * The present rights of a token; undefined if it was revoked or has expired. `beganAtMs` is when a session of the token
   * began: it ends with the secret that was valid then.
   */
  holder(tokenId: string, beganAtMs?: number): Principal | undefined {
    const live = this.#ifValid(this.#byId.get(tokenId));
    if (live === undefined || this.#isOfFormer(live, beganAtMs)) return undefined;
    this.#used.set(live.token.id, this.#options.clock.now());
    return live.principal;
  }

  /** Whether a session of the token that began then has no rights any more. False while that cannot be known. */
  isGone(tokenId: string, beganAtMs: number): boolean {
    if (this.#isStale()) return false;
    const live = this.#byId.get(tokenId);
    return live === undefined || this.#isOfFormer(live, beganAtMs);
  }

  #isOfFormer({ token }: Live, beganAtMs = Number.POSITIVE_INFINITY): boolean {
    const { rotatedAtMs = Number.NEGATIVE_INFINITY, previousUntilMs } = token;
    if (beganAtMs >= rotatedAtMs) return false;
    return isAfter(previousUntilMs, this.#options.clock.now());
  }

  learn(token: ValidToken): void {
    if (this.#revoked.has(token.id)) return;
    const known = this.#byId.get(token.id);
    /** A row that was read before a rotation by this process is out of date. */
    if (known !== undefined && (known.token.rotatedAtMs ?? 0) > (token.rotatedAtMs ?? 0)) return;
    const live = known ?? this.#begin(token);
    live.token = token;
    this.#setSecrets(live);
  }

  #begin(token: ValidToken): Live {
    const stop = newStop();
    const principal = principalOf(token, stop.signal);
    const live: Live = { token, stop, principal, secrets: [], round: this.#round };
    this.#byId.set(token.id, live);
    return live;
  }

  /** Replaces the secrets of a token by the present ones. Ends what was opened with any other. */
  #setSecrets(live: Live): void {
    const { hash, previousHash, previousUntilMs } = live.token;
    const nowMs = this.#options.clock.now();
    const wanted = [{ hash, untilMs: undefined as number | undefined }];
    if (previousHash !== undefined && !isAfter(previousUntilMs, nowMs)) {
      wanted.push({ hash: previousHash, untilMs: previousUntilMs });
    }
    const hashes = new Set(wanted.map((each) => each.hash));
    for (const secret of live.secrets) if (!hashes.has(secret.hash)) this.#dropSecret(secret, invalidToken());
    const before = new Map(live.secrets.map((secret) => [secret.hash, secret]));
    live.secrets = wanted.map((each) => {
      const known = before.get(each.hash);
      const stop = known?.stop ?? newStop();
      const principal = { ...live.principal, revoked: stop.signal, endsAtMs: each.untilMs };
      const secret = { ...each, stop, principal };
      this.#byHash.set(secret.hash, { live, secret });
      return secret;
    });
  }

  #dropSecret(secret: Secret, reason: LaunchlogError): void {
    this.#byHash.delete(secret.hash);
    secret.stop.abort(reason);
  }

  async #writeUsed(): Promise<void> {
    const used = this.#used;
    if (used.size === 0) return;
    this.#used = new Map();
    await this.#options.store.used(used).catch(() => {});
  }

  /** Ends everything the token has open here, at once. */
  revoke(tokenId: string): void {
    this.#revoked.add(tokenId);
    this.#drop(tokenId);
  }

  refresh(): Promise<void> {
    this.#dropExpired();
    this.#dropAllWhenStale();
    if (this.#options.pace?.isDue !== false) {
      this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    }
    return this.#refreshing ?? Promise.resolve();
  }

  async #refresh(): Promise<void> {
    const { store, clock, onProblem, pace } = this.#options;
    const succeeded = pace?.begin();
    this.#round += 1;
    const round = this.#round;
    const beganMs = clock.monotonic();
    try {
      const valid = await store.listValid();
      const ids = new Set(valid.map(({ id }) => id));
      for (const live of this.#byId.values()) {
        if (live.round < round && !ids.has(live.token.id)) this.#drop(live.token.id);
      }
      for (const token of valid) this.learn(token);
      this.#seenMs = beganMs;
      succeeded?.();
      this.#problemReported = false;
    } catch (error) {
      if (!this.#problemReported) onProblem('the named tokens cannot be read', error);
      this.#problemReported = true;
    }
  }

  #ifValid(live: Live | undefined): Live | undefined {
    if (live === undefined) return undefined;
    if (this.#isStale()) throw unavailable(undefined);
    return isAfter(live.token.expiresAtMs, this.#options.clock.now()) ? undefined : live;
  }

  #isStale(): boolean {
    return this.#options.clock.monotonic() - this.#seenMs > STALE_MAX_MS;
  }

  /** Refuses all tokens once the table could not be read for too long. The next successful refresh restores them. */
  #dropAllWhenStale(): void {
    if (this.#isStale()) for (const id of this.#byId.keys()) this.#drop(id, unavailable(undefined));
  }

  #dropExpired(): void {
    const nowMs = this.#options.clock.now();
    for (const live of this.#byId.values()) {
      if (isAfter(live.token.expiresAtMs, nowMs)) this.#drop(live.token.id);
      else if (live.secrets.some(({ untilMs }) => isAfter(untilMs, nowMs))) this.#setSecrets(live);
    }
  }

  #drop(tokenId: string, reason = invalidToken()): void {
    const live = this.#byId.get(tokenId);
    if (live === undefined) return;
    this.#byId.delete(tokenId);
    for (const secret of live.secrets) this.#dropSecret(secret, reason);
    live.stop.abort(reason);
  }
}

/** Every open stream of the token listens. */
function newStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return stop;
}

/**
 * A fast hash is enough for 32 random bytes, which cannot be guessed; slow hashes are for passwords. The time of a look-up
 * could at most reveal the beginning of a hash, which does not lead to a token. See decision 47.
 */
export function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

function principalOf(token: ValidToken, revoked: AbortSignal): Principal {
  return {
    name: token.name,
    kind: 'named_token',
    scopes: heldScopes(token.scopes),
    tokenId: token.id,
    deploymentId: token.deploymentId,
    tenantId: token.tenantId,
    revoked,
  };
}

/** Whether a time has passed. False if it is not set. */
function isAfter(untilMs: number | undefined, nowMs: number): boolean {
  return (untilMs ?? Number.POSITIVE_INFINITY) <= nowMs;
}

function invalidToken(): LaunchlogError {
  return new LaunchlogError('invalid_admin_token', 'invalid admin token');
}

function unavailable(cause: unknown): LaunchlogError {
  return new LaunchlogError('unavailable', 'the named tokens cannot be read now', {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
