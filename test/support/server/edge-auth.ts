import { randomUUID } from 'node:crypto';
import { auditedRefusals } from '@launchlog/server/audit/audited-refusals';
import { AdminTokenVerifier } from '@launchlog/server/auth/admin-token-verifier';
import { Authenticator } from '@launchlog/server/auth/authenticator';
import { FailedSignIns } from '@launchlog/server/auth/failed-sign-ins';
import type { OriginPolicy } from '@launchlog/server/auth/origin-policy';
import { ConsoleSessions } from '@launchlog/server/auth/session/console-sessions';
import { StreamTickets } from '@launchlog/server/auth/stream-tickets';
import { systemClock } from '@launchlog/server/clock';
import { HeavyReads } from '@launchlog/server/rate-limit/heavy-reads';
import type { EdgeAccess } from './edge-access.js';

interface EdgeAuthOptions {
  readonly secret: string;
  readonly origins: OriginPolicy;
  readonly path: string;
  readonly openWithinMs: number;
  readonly resumeWithinMs: number;
}

const SESSION_MS = 12 * 3_600_000;

/** How an edge of the tests knows its callers. */
export function edgeAuth(access: EdgeAccess, options: EdgeAuthOptions) {
  const { secret, origins, path } = options;
  const { audit, limiters, registry, signedIn } = access;
  const clock = systemClock;
  const cookie = { lastsMs: SESSION_MS, secure: false, path };
  const sessions = new ConsoleSessions({ ...cookie, secret, clock, newId: randomUUID, registry: signedIn });
  const tickets = new StreamTickets({ ...options, clock, opened: access.openedTickets, newId: randomUUID });
  const authenticator = new Authenticator({
    verifiers: [new AdminTokenVerifier(secret), registry],
    sessions,
    tickets,
    tokens: registry,
    requests: limiters.requests,
    failedSignIns: new FailedSignIns({
      failures: limiters.failedSignIns,
      repeats: limiters.wrongTokens,
      secret,
    }),
    heavyReads: new HeavyReads(clock),
    ...auditedRefusals(audit),
    origins,
  });
  return { authenticator, sessions, tickets };
}
