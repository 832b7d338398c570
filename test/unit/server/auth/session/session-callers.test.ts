import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { SignedInPerson } from '@launchlog/server/auth/session/console-sessions';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { FakeClock } from '../../../../support/fake/fake-clock.js';
import {
  ADMIN_TOKEN,
  authenticatingServer,
  NAMED,
  SESSION_MS,
  TOKEN_ID,
} from '../../../../support/server/authenticating-server.js';

const HOST = 'logs.example.org';
const NODE = '550e8400-e29b-41d4-a716-446655440000';

const person = (clock: FakeClock): SignedInPerson => ({
  name: 'ada@id.example',
  subject: '1',
  rights: { scopes: ['read'], tenantId: 'acme' },
  endsAtMs: clock.now() + SESSION_MS,
  seal: () => undefined,
});

const admin = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;

describe('a cookie', () => {
  test.each<[string, string, IncomingHttpHeaders, string | undefined]>([
    ['reads', 'GET', {}, undefined],
    ['reads a head', 'HEAD', {}, undefined],
    ['reads, for a page of another origin', 'GET', { origin: 'https://evil.example' }, undefined],
    [
      'changes',
      'POST',
      { origin: `https://${HOST}`, 'content-type': 'application/json; charset=utf-8' },
      undefined,
    ],
    ['removes', 'DELETE', { origin: `https://${HOST}` }, undefined],
    ['opens a socket', 'UPGRADE', { origin: `https://${HOST}` }, undefined],
    ['changes without an origin', 'POST', { 'content-type': 'application/json' }, 'invalid_origin'],
    ['removes without an origin', 'DELETE', {}, 'invalid_origin'],
    ['opens a socket without an origin', 'UPGRADE', {}, 'invalid_origin'],
    ['opens a socket from another page', 'UPGRADE', { origin: 'https://evil.example' }, 'invalid_origin'],
    ['removes from another page', 'DELETE', { origin: 'https://evil.example' }, 'invalid_origin'],
    [
      'changes from another page',
      'POST',
      { origin: 'https://evil.example', 'content-type': 'application/json' },
      'invalid_origin',
    ],
    [
      'sends a form',
      'POST',
      { origin: `https://${HOST}`, 'content-type': 'text/plain' },
      'unsupported_media_type',
    ],
    ['sends no type', 'PATCH', { origin: `https://${HOST}` }, 'unsupported_media_type'],
  ])('%s', async (_, method, headers, code) => {
    const { ask, console, cookieOf } = await authenticatingServer();
    const cookie = await cookieOf(console.begin(admin));
    const asked = ask({ ...headers, host: HOST, cookie }, method);
    const end = await asked.then(
      () => undefined,
      (error: LaunchlogError) => error.code,
    );
    expect(end).toBe(code);
  });

  test('counts as one caller, and ends at once when its user signs out', async () => {
    const { ask, console, cookieOf } = await authenticatingServer({ requests: 2 });
    const cookie = await cookieOf(console.begin(admin));
    const { revoked } = await ask({ cookie });
    await ask({ cookie });
    await expect(ask({ cookie })).rejects.toMatchObject({ code: 'rate_limited' });
    await console.end(cookie);
    expect(revoked?.aborted).toBe(true);
    await expect(ask({ cookie })).rejects.toMatchObject({ code: 'missing_admin_token' });
  });

  test('of a named token has the present rights of the token, and ends with it', async () => {
    const { ask, console, cookieOf, registry } = await authenticatingServer();
    const cookie = await cookieOf(
      console.begin({ name: 'ci', kind: 'named_token', scopes: ['admin'], tokenId: TOKEN_ID }),
    );
    const { revoked, ...principal } = await ask({ cookie });
    expect(principal).toMatchObject({
      name: 'ci',
      kind: 'console_session',
      scopes: ['nodes:read', 'logs:read'],
      tenantId: 'acme',
      sessionId: expect.any(String) as string,
    });
    registry.revoke(TOKEN_ID);
    expect(revoked?.aborted).toBe(true);
    await expect(ask({ cookie })).rejects.toMatchObject({ code: 'missing_admin_token' });
  });

  test('of a person has the rights of its row, and none without one', async () => {
    const { ask, console, cookieOf, clock } = await authenticatingServer();
    const cookie = await cookieOf(console.beginPerson(person(clock), {}));
    expect(await ask({ cookie })).toMatchObject({ scopes: ['nodes:read', 'logs:read'], tenantId: 'acme' });
    // The signature holds there too. Taken for the holder of a token, the person would be an administrator.
    const withoutRow = await authenticatingServer();
    await expect(withoutRow.ask({ cookie })).rejects.toMatchObject({ code: 'missing_admin_token' });
    expect(withoutRow.sessions.size).toBe(0);
  });

  test('of the admin token without a row gets one, as those of the first release need', async () => {
    const { console, cookieOf } = await authenticatingServer();
    const cookie = await cookieOf(console.begin(admin));
    const withoutRow = await authenticatingServer();
    expect(await withoutRow.ask({ cookie })).toMatchObject({ name: 'admin', scopes: ['admin'] });
    expect(withoutRow.sessions.size).toBe(1);
  });

  test('that is too old, or is signed for another use, is refused', async () => {
    const { ask, console, cookieOf, clock, tickets } = await authenticatingServer();
    const cookie = await cookieOf(console.begin(admin));
    await clock.advance(SESSION_MS);
    await ask({ cookie });
    await clock.advance(1);
    await expect(ask({ cookie })).rejects.toMatchObject({ code: 'missing_admin_token' });
    const { ticket } = tickets.issue(NODE, admin);
    await expect(ask({ cookie: `launchlog_session=${ticket}` })).rejects.toThrow('missing');
  });

  test('of a person is overridden by whom a proxy names now, and by a token', async () => {
    const { ask, console, cookieOf, clock, named } = await authenticatingServer();
    const cookie = await cookieOf(console.beginPerson(person(clock), {}));
    named.finding = { kind: 'known', principal: { name: 'eve@p', kind: 'proxy_identity', scopes: [] } };
    expect((await ask({ cookie })).name).toBe('eve@p');
    expect((await ask({ cookie, 'x-admin-token': ADMIN_TOKEN })).name).toBe('admin');
    named.finding = { kind: 'refused', refusal: new LaunchlogError('forbidden', 'no role') };
    expect((await ask({ cookie })).name).toBe('ada@id.example');
    await expect(ask({})).rejects.toThrow('no role');
  });
});

describe('a token of a person', () => {
  test('has the rights of its row, and ends with it', async () => {
    const { ask, ofPeople, clock, sessions, sessionRegistry } = await authenticatingServer();
    const { token } = await ofPeople.begin(person(clock), {});
    expect(token).toMatch(/^lls_/);
    const { revoked, ...principal } = await ask({ authorization: `Bearer ${token}` });
    expect(principal).toMatchObject({ name: 'ada@id.example', kind: 'session_token', tenantId: 'acme' });
    const [id = ''] = sessions.keys();
    await sessionRegistry.end(id, 'admin');
    expect(revoked?.aborted).toBe(true);
    await expect(ask({ authorization: `Bearer ${token}` })).rejects.toThrow('invalid admin token');
  });

  test('is refused where its row is missing or is of a token, and where its text was changed', async () => {
    const { ofPeople, clock, sessions } = await authenticatingServer();
    const { token } = await ofPeople.begin(person(clock), {});
    const [[id, row] = []] = sessions;
    const known = async (text: string, way?: string) => {
      const other = await authenticatingServer();
      if (id !== undefined && row !== undefined && way !== undefined) other.sessions.set(id, { ...row, way });
      return (await other.ofPeople.verify(text))?.name;
    };
    expect(await known(token, 'device')).toBe('ada@id.example');
    expect(await known(token, 'token')).toBeUndefined();
    expect(await known(token)).toBeUndefined();
    for (const text of ['lls_', `${token}x`, token.slice(4), `lls_${token}`, `llt_${token.slice(4)}`]) {
      expect(await known(text, 'device')).toBeUndefined();
    }
  });
});

describe('a stream ticket', () => {
  test('of a session that has ended is refused by the session itself', async () => {
    const { console, cookieOf, ask, sessionRegistry } = await authenticatingServer();
    const cookie = await cookieOf(console.begin(admin));
    const { sessionId = '' } = await ask({ cookie });
    expect(await console.find(sessionId)).toMatchObject({ name: 'admin' });
    expect(await console.find('unknown')).toBeUndefined();
    sessionRegistry.drop(sessionId);
    await expect(console.find(sessionId)).rejects.toThrow('signed out');
  });

  test('has the bounds and the end of the token behind it, and counts as its requests', async () => {
    const { authenticator, tickets, ask, registry } = await authenticatingServer({ requests: 3 });
    const reader = await ask({ 'x-admin-token': NAMED });
    const { ticket } = tickets.issue(NODE, reader);
    const redeemed = await authenticator.redeemTicket(ticket, false);
    expect(redeemed).toMatchObject({
      kind: 'stream_ticket',
      nodeId: NODE,
      tenantId: 'acme',
      scopes: ['logs:read'],
    });
    await authenticator.noteOpened(ticket);
    await authenticator.redeemTicket(ticket, true);
    await expect(authenticator.redeemTicket(ticket, true)).rejects.toMatchObject({ code: 'rate_limited' });
    registry.revoke(TOKEN_ID);
    expect(redeemed.revoked?.aborted).toBe(true);
  });

  test('of a token that was revoked opens nothing', async () => {
    const { authenticator, tickets, ask, registry } = await authenticatingServer();
    const { ticket } = tickets.issue(NODE, await ask({ 'x-admin-token': NAMED }));
    registry.revoke(TOKEN_ID);
    await expect(authenticator.redeemTicket(ticket, false)).rejects.toMatchObject({
      code: 'invalid_ticket',
      message: 'the token behind the ticket was revoked',
    });
  });

  test('of a session has its bounds, and ends with it', async () => {
    const { authenticator, tickets, console, cookieOf, clock, ask } = await authenticatingServer();
    const cookie = await cookieOf(console.beginPerson(person(clock), {}));
    const { ticket } = tickets.issue(NODE, await ask({ cookie }));
    const redeemed = await authenticator.redeemTicket(ticket, false);
    expect(redeemed).toMatchObject({ tenantId: 'acme', nodeId: NODE });
    await console.end(cookie);
    expect(redeemed.revoked?.aborted).toBe(true);
    await expect(authenticator.redeemTicket(ticket, false)).rejects.toMatchObject({
      code: 'missing_admin_token',
    });
  });

  test('of the admin token has no bounds but its node', async () => {
    const { authenticator, tickets, ask } = await authenticatingServer();
    const { ticket } = tickets.issue(NODE, await ask({ 'x-admin-token': ADMIN_TOKEN }));
    const { tenantId, deploymentId, revoked, scopes } = await authenticator.redeemTicket(ticket, false);
    expect({ tenantId, deploymentId, revoked, scopes }).toEqual({ scopes: ['logs:read'] });
  });
});
