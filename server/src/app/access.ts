import { randomBytes, randomUUID } from 'node:crypto';
import { AuditLog } from '../audit/audit-log.js';
import { SqlAuditStore } from '../audit/sql-audit-store.js';
import { IdentityService } from '../auth/identity-service.js';
import type { OpenedTickets } from '../auth/opened-tickets.js';
import { SqlOpenedTickets } from '../auth/sql-opened-tickets.js';
import { ReadPace } from '../auth/read-pace.js';
import { SessionRegistry } from '../auth/session/session-registry.js';
import { SessionService } from '../auth/session/session-service.js';
import type { SessionStore } from '../auth/session/session-store.js';
import { SqlSessionStore } from '../auth/session/sql-session-store.js';
import { SqlTokenStore } from '../auth/sql-token-store.js';
import { TokenRegistry } from '../auth/token-registry.js';
import { TokenService } from '../auth/token-service.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SqlLanes } from '../database/sql-lanes.js';
import type { Logger } from '../logger.js';
import { MemoryRateLimiter } from '../rate-limit/memory-rate-limiter.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { RedisRateLimiter } from '../rate-limit/redis-rate-limiter.js';
import type { RedisConnection } from '../redis/connection.js';

interface AccessOptions {
  readonly limits: RateLimits;
  readonly database: SqlLanes;
  /** Shared by all servers, so that limits count for all of them. Without it each server counts alone. */
  readonly redis: RedisConnection | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

type RateLimits = Pick<
  Config,
  | 'REQUESTS_PER_MINUTE'
  | 'REQUESTS_PER_MINUTE_AND_ADDRESS'
  | 'LAUNCHES_PER_MINUTE'
  | 'FAILED_SIGN_INS_PER_MINUTE'
>;

/** A command line asks every five seconds while its person signs in; people behind one address share the limit. */
const SIGN_INS_PER_MINUTE = 240;

/** Creates authentication, rate limits and the audit trail. */
export interface Access {
  readonly registry: TokenRegistry;
  readonly tokens: TokenService;
  /** The console sessions in memory, and their use cases. */
  readonly signedIn: SessionRegistry;
  readonly sessions: SessionService;
  readonly sessionStore: SessionStore;
  readonly identities: IdentityService;
  readonly audit: AuditLog;
  readonly openedTickets: OpenedTickets;
  readonly limiters: Readonly<
    Record<'requests' | 'addresses' | 'launches' | 'failedSignIns' | 'wrongTokens' | 'signIns', RateLimiter>
  >;
}

export function createAccess(options: AccessOptions): Access {
  const { database, clock, logger } = options;
  const store = new SqlTokenStore(database.own);
  const onProblem = (problem: string, error: unknown): void => logger.warn({ err: error }, problem);
  const paceOf = (read: { readonly writes: number }): ReadPace =>
    new ReadPace({ clock, store: read, isAlone: database.own.isExclusive === true });
  const registry = new TokenRegistry({ store, clock, onProblem, pace: paceOf(store) });
  const audit = new AuditLog({ store: new SqlAuditStore(database.own, database.scans), clock, logger });
  const tokens = new TokenService({ store, registry, audit, clock, newId: randomUUID, randomBytes });
  const openedTickets = new SqlOpenedTickets({ database: database.own, onProblem });
  const sessionStore = new SqlSessionStore(database.own);
  const signedIn = new SessionRegistry({
    store: sessionStore,
    clock,
    onProblem,
    pace: paceOf(sessionStore),
    isTokenGone: ({ tokenId, beganAtMs }) => tokenId !== undefined && registry.isGone(tokenId, beganAtMs),
  });
  const sessions = new SessionService({ store: sessionStore, registry: signedIn, audit });
  return {
    registry,
    tokens,
    signedIn,
    sessions,
    sessionStore,
    identities: new IdentityService({ tokens: store, sessions }),
    audit,
    openedTickets,
    limiters: createLimiters(options),
  };
}

function createLimiters({ limits, redis, clock }: AccessOptions): Access['limiters'] {
  const limiter = (name: string, perMinute: number): RateLimiter =>
    redis === undefined
      ? new MemoryRateLimiter(perMinute)
      : new RedisRateLimiter({ connection: redis, clock, name, perMinute });
  return {
    requests: limiter('requests', limits.REQUESTS_PER_MINUTE),
    launches: limiter('launches', limits.LAUNCHES_PER_MINUTE),
    failedSignIns: limiter('failed-sign-ins', limits.FAILED_SIGN_INS_PER_MINUTE),
    wrongTokens: limiter('wrong-tokens', 1),
    signIns: new MemoryRateLimiter(SIGN_INS_PER_MINUTE),
    /**
     * Counts in memory: it protects one process from floods before the caller is known, and a call to Redis would cost more.
     */
    addresses: new MemoryRateLimiter(limits.REQUESTS_PER_MINUTE_AND_ADDRESS),
  };
}
