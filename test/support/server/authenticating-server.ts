import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AdminTokenVerifier } from '@launchlog/server/auth/admin-token-verifier';
import type { AmbientFinding } from '@launchlog/server/auth/ambient-identity';
import { Authenticator } from '@launchlog/server/auth/authenticator';
import { FailedSignIns } from '@launchlog/server/auth/failed-sign-ins';
import { OriginPolicy } from '@launchlog/server/auth/origin-policy';
import { ConsoleSessions } from '@launchlog/server/auth/session/console-sessions';
import { SessionRegistry } from '@launchlog/server/auth/session/session-registry';
import { SessionTokens } from '@launchlog/server/auth/session/session-tokens';
import { StreamTickets } from '@launchlog/server/auth/stream-tickets';
import { hashOf, TokenRegistry } from '@launchlog/server/auth/token-registry';
import type { ValidToken } from '@launchlog/server/auth/token-store';
import type { StoredSession } from '@launchlog/server/auth/session/session-store';
import { HeavyReads } from '@launchlog/server/rate-limit/heavy-reads';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import { FakeClock } from '../fake/fake-clock.js';
import { MemoryOpenedTickets } from '../fake/memory-opened-tickets.js';

export const ADMIN_TOKEN = 'an admin token that is long enough to be strong'.replaceAll(' ', '-');
export const NAMED = `llt_${'n'.repeat(43)}`;
export const TOKEN_ID = '550e8400-e29b-41d4-a716-446655440001';
export const ADDRESS = '192.0.2.7';

/** How long a session of the console lasts. */
export const SESSION_MS = 50_000;

interface AuthenticatingServerOptions {
  readonly adminToken?: string;
  readonly requests?: number;
  readonly failures?: number;
}

/** What of one server knows its callers, over rows in memory and with a clock that a test moves. */
export async function authenticatingServer({
  adminToken = ADMIN_TOKEN,
  requests = 1_000,
  failures = 1_000,
}: AuthenticatingServerOptions = {}) {
  const clock = new FakeClock();
  const sessions = new Map<string, StoredSession>();
  const tokens: ValidToken[] = [
    { id: TOKEN_ID, name: 'ci', hash: hashOf(NAMED), scopes: ['read'], tenantId: 'acme' },
  ];
  const later: ValidToken[] = [];
  const refused: string[] = [];
  const forbidden: string[] = [];
  const named: { finding: AmbientFinding | undefined } = { finding: undefined };
  const none = () => Promise.resolve();
  const sessionRegistry = new SessionRegistry({
    clock,
    onProblem: () => undefined,
    store: {
      add: ({ rights, ...session }) => {
        sessions.set(session.id, { ...session, ...rights, isActive: true, changedAtMs: 0 });
        return Promise.resolve();
      },
      find: (id) => Promise.resolve(sessions.get(id)),
      changedSince: () => Promise.resolve([]),
      listActive: () => Promise.resolve([...sessions.values()]),
      ofIssuer: () => Promise.resolve([]),
      end: none,
      seen: none,
      forgetOld: none,
    } as ConstructorParameters<typeof SessionRegistry>[0]['store'],
  });
  const registry = new TokenRegistry({
    clock,
    onProblem: () => undefined,
    store: {
      listValid: () => Promise.resolve(tokens),
      findValid: (hash) => Promise.resolve(later.find((row) => row.hash === hash)),
      used: none,
    },
  });
  await registry.start();
  const secret = 'secret';
  const newId = randomUUID;
  const console = new ConsoleSessions({
    secret,
    clock,
    lastsMs: SESSION_MS,
    secure: false,
    path: '/',
    newId,
    registry: sessionRegistry,
  });
  const ofPeople = new SessionTokens({ secret, clock, newId, registry: sessionRegistry });
  const tickets = new StreamTickets({
    secret,
    clock,
    openWithinMs: 60_000,
    resumeWithinMs: 600_000,
    opened: new MemoryOpenedTickets(),
    newId,
  });
  const authenticator = new Authenticator({
    verifiers: [new AdminTokenVerifier(adminToken), registry, ofPeople],
    sessions: console,
    tickets,
    tokens: registry,
    requests: new MemoryRateLimiter(requests),
    onRefused: (address) => refused.push(address),
    onForbidden: ({ name }, operation) => forbidden.push(`${name} ${operation}`),
    failedSignIns: new FailedSignIns({
      failures: new MemoryRateLimiter(failures),
      repeats: new MemoryRateLimiter(1),
      secret,
    }),
    heavyReads: new HeavyReads(clock),
    origins: new OriginPolicy({ named: [] }),
    identity: { read: () => Promise.resolve(named.finding) },
  });
  const ask = (headers: IncomingHttpHeaders, method = 'GET') =>
    authenticator.authenticate({ method, headers, address: ADDRESS });
  const cookieOf = async (begun: Promise<{ readonly cookie: string }>) =>
    (await begun).cookie.split(';')[0] ?? '';
  return {
    authenticator,
    ask,
    clock,
    console,
    ofPeople,
    tickets,
    registry,
    sessionRegistry,
    cookieOf,
    /** Rows of sessions, and of tokens that were made a moment ago on another server. */
    sessions,
    later,
    /** Addresses and operations that were reported. */
    refused,
    forbidden,
    /** The person that a proxy names. */
    named,
  };
}
