import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { hashOf } from '@launchlog/server/auth/token-registry';
import { LaunchlogError } from '@launchlog/shared/error-code';
import {
  ADDRESS,
  ADMIN_TOKEN,
  authenticatingServer,
  NAMED,
  TOKEN_ID,
} from '../../../support/server/authenticating-server.js';

const HOST = 'logs.example.org';

describe('a caller', () => {
  test.each<[string, IncomingHttpHeaders, object]>([
    ['the admin token', { 'x-admin-token': ADMIN_TOKEN }, { kind: 'admin_token', scopes: ['admin'] }],
    ['the admin token as a bearer', { authorization: `bearer  ${ADMIN_TOKEN}` }, { name: 'admin' }],
    ['a named token', { authorization: `Bearer ${NAMED}` }, { tokenId: TOKEN_ID, tenantId: 'acme' }],
  ])('with %s is known, and its address with it', async (_, headers, principal) => {
    const { ask } = await authenticatingServer();
    expect(await ask(headers)).toMatchObject({ ...principal, address: ADDRESS });
  });

  test.each<[string, IncomingHttpHeaders, string]>([
    ['nothing', {}, 'missing_admin_token'],
    ['an empty token', { 'x-admin-token': '' }, 'missing_admin_token'],
    ['another scheme', { authorization: `Basic ${ADMIN_TOKEN}` }, 'missing_admin_token'],
    ['a JWT of a gateway', { authorization: 'Bearer eyJhbGciOi.eyJzdWIi.c2ln' }, 'missing_admin_token'],
    ['a wrong token', { 'x-admin-token': `${ADMIN_TOKEN}x` }, 'invalid_admin_token'],
    ['the form of a named token', { authorization: `Bearer llt_${'x'.repeat(43)}` }, 'invalid_admin_token'],
    ['the form of a token of a person', { authorization: 'Bearer lls_x.y' }, 'invalid_admin_token'],
    ['a cookie that was made up', { cookie: 'launchlog_session=x.y' }, 'missing_admin_token'],
  ])('with %s is refused', async (_, headers, code) => {
    const { ask } = await authenticatingServer();
    await expect(ask(headers)).rejects.toMatchObject({ code });
  });

  test('that sends a JWT which the operator chose as the admin token is known', async () => {
    const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
    const { ask } = await authenticatingServer({ adminToken: jwt });
    expect(await ask({ authorization: `Bearer ${jwt}` })).toMatchObject({ name: 'admin' });
  });

  test('whose token another server made a moment ago is known', async () => {
    const { ask, later } = await authenticatingServer();
    const token = `llt_${'l'.repeat(43)}`;
    later.push({ id: 'later', name: 'later', hash: hashOf(token), scopes: ['admin'] });
    expect(await ask({ 'x-admin-token': token })).toMatchObject({ name: 'later' });
  });

  test('with too many requests in a minute is refused, by its token and not by its name', async () => {
    const { ask, authenticator } = await authenticatingServer({ requests: 2 });
    const headers = { 'x-admin-token': NAMED };
    await ask(headers);
    await ask(headers);
    await expect(ask(headers)).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(authenticator.authenticateToken(NAMED, ADDRESS)).rejects.toThrow('too many requests');
    await ask({ 'x-admin-token': ADMIN_TOKEN });
  });

  test('that guessed too often waits, unless its token cannot be guessed', async () => {
    const strong = await authenticatingServer({ failures: 1 });
    for (const guess of ['a', 'a', 'b']) await strong.ask({ 'x-admin-token': guess }).catch(() => undefined);
    expect(strong.refused).toEqual([ADDRESS]);
    await expect(strong.ask({ 'x-admin-token': 'c' })).rejects.toMatchObject({ code: 'rate_limited' });
    expect(await strong.ask({ 'x-admin-token': ADMIN_TOKEN })).toMatchObject({ name: 'admin' });
    const weak = await authenticatingServer({ failures: 1, adminToken: 'short' });
    for (const guess of ['a', 'b']) await weak.ask({ 'x-admin-token': guess }).catch(() => undefined);
    await expect(weak.ask({ 'x-admin-token': 'short' })).rejects.toMatchObject({ code: 'rate_limited' });
  });

  test('is let in by the table of operations, and a refusal is noted', async () => {
    const { authenticator, ask, forbidden } = await authenticatingServer();
    const reader = await ask({ 'x-admin-token': NAMED });
    authenticator.authorize(reader, 'GET /admin/nodes');
    authenticator.authorize(reader, 'sessions.whoami');
    expect(forbidden).toEqual([]);
    for (const operation of ['POST /admin/nodes/launch', 'tokens.list', 'audit.list'] as const) {
      expect(() => authenticator.authorize(reader, operation)).toThrow(
        expect.objectContaining({ code: 'forbidden' }) as Error,
      );
    }
    expect(forbidden).toEqual(['ci POST /admin/nodes/launch', 'ci tokens.list', 'ci audit.list']);
    const bound = { ...reader, scopes: ['admin' as const] };
    expect(() => authenticator.authorize(bound, 'tokens.list')).toThrow('is bound to a tenant');
  });

  test('with a credential is not anonymous', async () => {
    const { authenticator, console, cookieOf, named } = await authenticatingServer();
    const isAnonymous = (headers: IncomingHttpHeaders) =>
      authenticator.isAnonymous({ headers, address: ADDRESS });
    const cookie = await cookieOf(console.begin({ name: 'admin', kind: 'admin_token', scopes: ['admin'] }));
    expect(await isAnonymous({})).toBe(true);
    expect(await isAnonymous({ 'x-admin-token': 'wrong' })).toBe(false);
    expect(await isAnonymous({ cookie })).toBe(false);
    named.finding = { kind: 'refused', refusal: new LaunchlogError('forbidden', 'no role') };
    expect(await isAnonymous({})).toBe(true);
    named.finding = { kind: 'known', principal: { name: 'ada', kind: 'proxy_identity', scopes: [] } };
    expect(await isAnonymous({})).toBe(false);
  });

  test('waits for its turn with heavy reads by its token', async () => {
    const { authenticator, ask } = await authenticatingServer();
    const reader = await ask({ 'x-admin-token': NAMED });
    expect(await authenticator.runHeavyRead(reader, () => Promise.resolve(1))).toBe(1);
    const held = Array.from({ length: 18 }, () =>
      authenticator.runHeavyRead(reader, () => new Promise(() => {})),
    );
    for (const one of held) void one.catch(() => undefined);
    await expect(
      authenticator.runHeavyRead({ ...reader, name: 'x' }, () => Promise.resolve(1)),
    ).rejects.toMatchObject({ code: 'rate_limited' });
  });
});

test('a page of another origin is refused where no credential is needed, and a program is not', async () => {
  const { authenticator } = await authenticatingServer();
  const refuse = (headers: IncomingHttpHeaders) => () =>
    authenticator.refuseForeignPage({ host: HOST, ...headers });
  expect(refuse({})).not.toThrow();
  expect(refuse({ origin: `https://${HOST}` })).not.toThrow();
  expect(refuse({ origin: 'https://evil.example' })).toThrow('https://evil.example');
});
