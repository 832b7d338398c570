import { expect, test } from 'vitest';
import { ConsoleSessions } from '@launchlog/server/auth/session/console-sessions';
import type { Clock } from '@launchlog/server/clock';
import type { Principal } from '@launchlog/server/principal';
import { FakeClock } from '../../../../support/fake/fake-clock.js';
import { rowlessSessions } from '../../../../support/fake/rowless-sessions.js';

const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };

function consoleSessions(clock: Clock, { secure = true, path = '/' } = {}) {
  return new ConsoleSessions({
    secret: 'secret',
    clock,
    lastsMs: 1_000,
    secure,
    path,
    newId: () => 's',
    registry: rowlessSessions(),
  });
}

test('a console session ends after its lifetime, and its cookie needs TLS if that is configured', async () => {
  const clock = new FakeClock();
  const sessions = consoleSessions(clock);
  const { cookie } = await sessions.begin(ADMIN);
  expect(cookie).toMatch(/^__Host-launchlog_session=[^;]+; Path=\/; .*; HttpOnly; SameSite=Strict; Secure$/);
  const header = `theme=dark; ${cookie.split(';')[0]}; other=1`;
  expect((await sessions.read(header))?.principal.kind).toBe('console_session');
  expect(await sessions.read('__Host-launchlog_session=')).toBeUndefined();
  expect(await sessions.read(undefined)).toBeUndefined();
  await clock.advance(1_001);
  expect(await sessions.read(header)).toBeUndefined();
});

test.each([
  [{ secure: true, path: '/launchlog/' }, '__Secure-launchlog_session'],
  [{ secure: false, path: '/' }, 'launchlog_session'],
])('the cookie with %j is named %s, as browsers demand of its prefix', async (options, name) => {
  const sessions = consoleSessions(new FakeClock(), options);
  const { cookie } = await sessions.begin(ADMIN);
  expect(cookie.split('=')[0]).toBe(name);
  expect(cookie).toContain(`; Path=${options.path};`);
  expect(cookie.endsWith('; Secure')).toBe(options.secure);
  expect((await sessions.read(cookie.split(';')[0]))?.principal.kind).toBe('console_session');
});

test('a cookie of an earlier release signs in behind TLS until its session is too old', async () => {
  const clock = new FakeClock();
  const earlier = consoleSessions(clock, { secure: false });
  const header = (await earlier.begin(ADMIN)).cookie.split(';')[0] ?? '';
  expect(header).toMatch(/^launchlog_session=/);
  const sessions = consoleSessions(clock);
  expect((await sessions.read(header))?.principal.kind).toBe('console_session');
  expect((await sessions.end(header)).map((cookie) => cookie.split(';')[0])).toEqual([
    '__Host-launchlog_session=',
    'launchlog_session=',
  ]);
  expect(await sessions.read(header)).toBeUndefined();
  await clock.advance(1_001);
  expect(await consoleSessions(clock).read(header)).toBeUndefined();
});

test('a session behind TLS is not accepted under the plain name, which a neighbouring host could set', async () => {
  const sessions = consoleSessions(new FakeClock());
  const value = (await sessions.begin(ADMIN)).cookie.split(/[=;]/)[1] ?? '';
  expect((await sessions.read(`__Host-launchlog_session=${value}`))?.principal.kind).toBe('console_session');
  expect(await sessions.read(`launchlog_session=${value}`)).toBeUndefined();
  expect(await sessions.read(`__Secure-launchlog_session=${value}`)).toBeUndefined();
});
