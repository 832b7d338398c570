import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConsoleSessions } from '@launchlog/server/auth/session/console-sessions';
import { systemClock } from '@launchlog/server/clock';
import { SecretBox } from '@launchlog/server/database/secret-box';
import { IssuerError } from '@launchlog/server/sign-in/issuer';
import type { IssuedTokens } from '@launchlog/server/sign-in/issuer';
import { PersonSignIn } from '@launchlog/server/sign-in/person-sign-in';
import { RightsCheck } from '@launchlog/server/sign-in/rights-check';
import { RoleTable } from '@launchlog/server/sign-in/role-table';
import { EdgeAccess } from '../../support/server/edge-access.js';

const ROLES = [
  { claim: 'groups', value: 'ops', scopes: ['admin'] },
  { claim: 'groups', value: 'staff', scopes: ['read'] },
];
const SESSION_MS = 12 * 3_600_000;

function issued(groups: readonly string[], changes: Partial<IssuedTokens> = {}): IssuedTokens {
  const claims = { sub: 'u-1', email: 'ada@example.com', groups };
  const lasting = { refreshToken: 'refresh-1', lastsSeconds: 300, idTokenEndsAtMs: Date.now() + 300_000 };
  return { claims, subject: 'u-1', idToken: 'id', ...lasting, ...changes };
}

describe('the rights of a person who is signed in', () => {
  let access: EdgeAccess;
  let sessions: ConsoleSessions;
  let check: RightsCheck;
  let answer: () => Promise<IssuedTokens>;
  let asked: string[];
  let cookie: string;
  beforeEach(async () => {
    access = new EdgeAccess();
    await access.start();
    const { audit, signedIn: registry, sessionStore: store } = access;
    const clock = systemClock;
    const newId = () => '550e8400-e29b-41d4-a716-446655440000';
    sessions = new ConsoleSessions({
      secret: 's',
      clock,
      lastsMs: SESSION_MS,
      secure: false,
      path: '/',
      newId,
      registry,
    });
    const secretBox = new SecretBox(randomBytes(32));
    const roles = new RoleTable(JSON.stringify(ROLES), 'OIDC_ROLES');
    const people = new PersonSignIn({
      roles,
      realm: 'i',
      nameClaim: undefined,
      secretBox,
      audit,
      clock,
      lastsMs: SESSION_MS,
    });
    asked = [];
    const issuer = {
      refresh: (refreshToken: string) => {
        asked.push(refreshToken);
        return answer();
      },
    };
    const onProblem = () => {};
    check = new RightsCheck({
      issuer,
      people,
      registry,
      store,
      secretBox,
      audit,
      clock,
      idleAfterMs: 60_000,
      onProblem,
    });
    const person = await people.admit(issued(['ops']), 'session.sso', {});
    const begun = await sessions.beginPerson({ ...person, checkAtMs: Date.now() - 1 }, {});
    cookie = begun.cookie.split(';')[0] ?? '';
    // A session that is not in use is not checked.
    await scopes();
  });
  afterEach(() => access.close());

  const scopes = async () => (await sessions.read(cookie))?.principal.scopes;

  test('are asked for again with the token of the last time, and what was open with the former ones ends', async () => {
    expect(await scopes()).toEqual(['admin']);
    const before = sessions.revoked('550e8400-e29b-41d4-a716-446655440000');
    answer = () => Promise.resolve(issued(['staff'], { refreshToken: 'refresh-2' }));
    check.look();
    check.look();
    await expect
      .poll(async () => (await access.signedIn.refresh(), await scopes()))
      .toEqual(['nodes:read', 'logs:read']);
    expect(before.aborted).toBe(true);
    expect(asked).toEqual(['refresh-1']);
    const row = access.sessionStore.rows.values().next().value;
    expect((row?.checkAtMs ?? 0) - Date.now()).toBeGreaterThan(290_000);
    const found = access.auditStore.entries.find(
      ({ action, target }) => action === 'session.role' && target?.includes('staff'),
    );
    expect(found).toMatchObject({ actor: 'ada@example.com', target: 'groups=staff gives read' });
  });

  test.each([
    ['lost their role', () => Promise.resolve(issued(['guest'])), 'no_role'],
    [
      'is no longer known to the issuer',
      () => Promise.reject(new IssuerError('refused', 'over')),
      'issuer_refused',
    ],
  ])('end with the session of a person who %s', async (_why, answered, code) => {
    const open = sessions.revoked('550e8400-e29b-41d4-a716-446655440000');
    answer = answered;
    check.look();
    await expect.poll(scopes).toBeUndefined();
    expect(open.aborted).toBe(true);
    expect(access.auditStore.entries.at(-1)).toMatchObject({
      action: 'session.end',
      actor: 'ada@example.com',
      code,
    });
  });

  test('stay while the issuer is away', async () => {
    answer = () => Promise.reject(new IssuerError('away', 'cannot be reached'));
    check.look();
    await expect.poll(() => asked).toEqual(['refresh-1']);
    check.look();
    expect(await scopes()).toEqual(['admin']);
    expect(asked).toEqual(['refresh-1']);
  });
});
