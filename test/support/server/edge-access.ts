import { randomBytes, randomUUID } from 'node:crypto';
import type { Access } from '@launchlog/server/app/access';
import { AuditLog } from '@launchlog/server/audit/audit-log';
import { IdentityService } from '@launchlog/server/auth/identity-service';
import { SessionRegistry } from '@launchlog/server/auth/session/session-registry';
import { SessionService } from '@launchlog/server/auth/session/session-service';
import { TokenRegistry } from '@launchlog/server/auth/token-registry';
import { TokenService } from '@launchlog/server/auth/token-service';
import { systemClock } from '@launchlog/server/clock';
import { createLogger } from '@launchlog/server/logger';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import { MemoryAuditStore } from '../fake/memory-audit-store.js';
import { MemoryOpenedTickets } from '../fake/memory-opened-tickets.js';
import { MemorySessionStore } from '../fake/memory-session-store.js';
import { MemoryTokenStore } from '../fake/memory-token-store.js';

export interface EdgeAccessOptions {
  readonly tokenStore?: MemoryTokenStore;
  /** Shared by the servers of a cluster. */
  readonly openedTickets?: MemoryOpenedTickets;
  readonly sessionStore?: MemorySessionStore;
  readonly requestsPerMinute?: number;
  readonly addressRequestsPerMinute?: number;
  readonly launchesPerMinute?: number;
  readonly signInsPerMinute?: number;
}

const PLENTY = 10_000_000;

/** Tokens, limits and the audit trail of one edge, over maps. */
export class EdgeAccess implements Access {
  readonly tokenStore: MemoryTokenStore;
  readonly auditStore = new MemoryAuditStore();
  readonly openedTickets: MemoryOpenedTickets;
  readonly registry: TokenRegistry;
  readonly audit: AuditLog;
  readonly tokens: TokenService;
  readonly sessionStore: MemorySessionStore;
  readonly signedIn: SessionRegistry;
  readonly sessions: SessionService;
  readonly identities: IdentityService;
  readonly limiters: Access['limiters'];

  constructor(options: EdgeAccessOptions = {}) {
    const clock = systemClock;
    this.tokenStore = options.tokenStore ?? new MemoryTokenStore();
    this.openedTickets = options.openedTickets ?? new MemoryOpenedTickets();
    const store = this.tokenStore;
    this.registry = new TokenRegistry({ store, clock, onProblem: () => {} });
    this.audit = new AuditLog({ store: this.auditStore, clock, logger: createLogger('silent') });
    const { registry, audit } = this;
    this.tokens = new TokenService({ store, registry, audit, clock, newId: randomUUID, randomBytes });
    this.sessionStore = options.sessionStore ?? new MemorySessionStore();
    this.signedIn = new SessionRegistry({
      store: this.sessionStore,
      clock,
      onProblem: () => {},
      isTokenGone: ({ tokenId, beganAtMs }) => tokenId !== undefined && registry.isGone(tokenId, beganAtMs),
    });
    this.sessions = new SessionService({ store: this.sessionStore, registry: this.signedIn, audit });
    this.identities = new IdentityService({ tokens: store, sessions: this.sessions });
    this.limiters = {
      requests: new MemoryRateLimiter(options.requestsPerMinute ?? PLENTY),
      addresses: new MemoryRateLimiter(options.addressRequestsPerMinute ?? PLENTY),
      launches: new MemoryRateLimiter(options.launchesPerMinute ?? PLENTY),
      failedSignIns: new MemoryRateLimiter(20),
      wrongTokens: new MemoryRateLimiter(1),
      signIns: new MemoryRateLimiter(options.signInsPerMinute ?? PLENTY),
    };
  }

  async start(): Promise<void> {
    await Promise.all([this.registry.start(), this.signedIn.start()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.registry.close(), this.signedIn.close()]);
  }
}
