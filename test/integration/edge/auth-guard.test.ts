import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const GUARDED: readonly [string, string][] = [
  ['POST', '/admin/nodes/launch'],
  ['GET', '/admin/nodes'],
  ['GET', `/admin/nodes/${ID}`],
  ['GET', `/admin/nodes/${ID}/status`],
  ['GET', `/admin/nodes/${ID}/logs`],
  ['GET', `/admin/nodes/${ID}/logs/stream`],
  ['HEAD', `/admin/nodes/${ID}/logs/stream`],
  ['POST', `/admin/nodes/${ID}/logs/ticket`],
  ['POST', `/admin/nodes/${ID}/cancel`],
  ['POST', `/admin/nodes/${ID}/terminate`],
  ['POST', `/admin/nodes/${ID}/retry`],
  ['GET', '/admin/anything-else'],
  ['PUT', '/admin/nodes'],
  ['GET', '/trpc/nodes.list'],
  ['POST', '/trpc/nodes.launch'],
  ['GET', '/trpc/nodes.logsStream'],
];

let edge: ServerEdge;
beforeAll(async () => {
  edge = await ServerEdge.start();
  edge.launches.add({ id: ID });
});
afterAll(() => edge.close());

const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(edge.url + path, { method, headers, ...(body === undefined ? {} : { body }) });

describe('every guarded route', () => {
  test.each(GUARDED)('%s %s asks for a token', async (method, path) => {
    const response = await call(method, path);
    expect(response.status).toBe(401);
    const text = await response.text();
    expect(text).toContain(method === 'HEAD' ? '' : 'missing admin token');
    expect(response.headers.get('content-type')).not.toBe('text/event-stream');
  });

  test.each(GUARDED)('%s %s does not take a token from the URL', async (method, path) => {
    for (const name of ['token', 'admin_token', 'X-Admin-Token', 'access_token']) {
      expect((await call(method, `${path}?${name}=${ADMIN_TOKEN}`)).status).toBe(401);
    }
  });

  test.each([
    ['X-Admin-Token', 'wrong'],
    ['X-Admin-Token', `${ADMIN_TOKEN}x`],
    ['Authorization', 'Bearer wrong'],
  ])('refuses %s: %s with the documented words', async (header, value) => {
    const response = await call('GET', '/admin/nodes', { [header]: value });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: { message: 'invalid admin token', type: 'authentication_error', code: 'invalid_admin_token' },
    });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="launchlog"');
  });

  test.each([
    ['X-Admin-Token', ADMIN_TOKEN],
    ['Authorization', `Bearer ${ADMIN_TOKEN}`],
    ['Authorization', `bearer ${ADMIN_TOKEN}`],
  ])('takes %s: %s', async (header, value) => {
    expect((await call('GET', '/admin/nodes', { [header]: value })).status).toBe(200);
  });
});

describe('an open route', () => {
  test.each(['/healthz', '/readyz', '/openapi.json', '/'])('%s needs no token', async (path) => {
    expect((await call('GET', path)).status).toBe(200);
  });
});

describe('a console session', () => {
  const signIn = (token: string, headers: Record<string, string> = {}) =>
    call('POST', '/session', { 'Content-Type': 'application/json', ...headers }, JSON.stringify({ token }));

  async function session(): Promise<string> {
    const response = await signIn(ADMIN_TOKEN);
    return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  test('is a cookie that no script can read and no other site can send', async () => {
    const response = await signIn(ADMIN_TOKEN);
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).toContain('Max-Age=43200');
    expect(cookie).not.toContain(ADMIN_TOKEN);
    expect(await response.text()).not.toContain(ADMIN_TOKEN);
  });

  test('signs in and out', async () => {
    const cookie = await session();
    const shown = await call('GET', '/session', { cookie });
    expect(shown.status).toBe(200);
    expect(await shown.json()).toMatchObject({ name: 'admin', may_launch: true });
    expect((await call('GET', '/admin/nodes', { cookie })).status).toBe(200);
    expect((await call('GET', `/trpc/nodes.list`, { cookie })).status).toBe(200);
    const out = await call('DELETE', '/session', { cookie, origin: edge.url });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await call('GET', '/session')).status).toBe(401);
  });

  test('reads the event stream, as EventSource sends it', async () => {
    const stop = new AbortController();
    const response = await fetch(`${edge.url}/admin/nodes/${ID}/logs/stream`, {
      headers: { cookie: await session() },
      signal: stop.signal,
    });
    expect(response.status).toBe(200);
    stop.abort();
  });

  test('changes nothing for another page or another content type', async () => {
    const cookie = await session();
    const json = { 'Content-Type': 'application/json' };
    const path = `/admin/nodes/${ID}/cancel`;
    expect((await call('POST', path, { cookie, ...json })).status).toBe(403);
    expect((await call('POST', path, { cookie, ...json, origin: 'https://evil.example' })).status).toBe(403);
    expect((await call('POST', path, { cookie, ...json, origin: 'null' })).status).toBe(403);
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', origin: edge.url };
    expect((await call('POST', path, { cookie, ...form })).status).toBe(415);
    expect((await call('POST', path, { cookie, ...json, origin: edge.url })).status).toBe(202);
    const mutation = JSON.stringify({ json: { id: ID } });
    expect((await call('POST', '/trpc/nodes.cancel', { cookie, ...json }, mutation)).status).toBe(403);
    expect(
      (await call('POST', '/trpc/nodes.cancel', { cookie, ...json, origin: edge.url }, mutation)).status,
    ).toBe(200);
  });

  test('a page of another site can neither sign in nor out', async () => {
    expect((await signIn(ADMIN_TOKEN, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await call('DELETE', '/session', { origin: 'https://evil.example' })).status).toBe(403);
  });

  test('a tampered cookie is not a session, and a wrong token is reported even with a valid cookie', async () => {
    const cookie = await session();
    expect((await call('GET', '/admin/nodes', { cookie: `${cookie.slice(0, -3)}AAA` })).status).toBe(401);
    expect((await call('GET', '/admin/nodes', { cookie, 'X-Admin-Token': 'wrong' })).status).toBe(401);
  });
});

describe('guessing', () => {
  const blocked = async (options: Parameters<typeof ServerEdge.start>[0] = {}) => {
    const target = await ServerEdge.start(options);
    const statuses: number[] = [];
    for (let number = 0; number < 25; number += 1) {
      const headers = { 'X-Admin-Token': `guess-${number}` };
      statuses.push((await fetch(`${target.url}/admin/nodes`, { headers })).status);
    }
    expect(statuses).toEqual([
      ...Array.from({ length: 20 }, () => 401),
      ...Array.from({ length: 5 }, () => 429),
    ]);
    return target;
  };

  test('an address that failed 20 times must wait even with the right token if that is short, and learns how long', async () => {
    const target = await blocked();
    const right = await fetch(`${target.url}/admin/nodes`, { headers: { 'X-Admin-Token': ADMIN_TOKEN } });
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    const signIn = await fetch(`${target.url}/session`, {
      method: 'POST',
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    expect(signIn.status).toBe(429);
    const trpc = await fetch(`${target.url}/trpc/nodes.list`, { headers: { 'X-Admin-Token': ADMIN_TOKEN } });
    expect(trpc.status).toBe(429);
    await target.close();
  });

  test('what cannot be guessed is let in whatever its neighbours did: long tokens, named tokens and sessions', async () => {
    const long = 'x'.repeat(32);
    const target = await blocked({ adminToken: long });
    const list = (headers: Record<string, string>) => fetch(`${target.url}/admin/nodes`, { headers });
    expect((await list({ 'X-Admin-Token': long })).status).toBe(200);
    const created = await fetch(`${target.url}/admin/tokens`, {
      method: 'POST',
      headers: { 'X-Admin-Token': long },
      body: JSON.stringify({ name: 'neighbour', scopes: ['read'] }),
    });
    const { token } = (await created.json()) as { token: string };
    expect((await list({ Authorization: `Bearer ${token}` })).status).toBe(200);
    const body = JSON.stringify({ token: long });
    const signIn = await fetch(`${target.url}/session`, { method: 'POST', body });
    expect(signIn.ok).toBe(true);
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await list({ cookie })).status).toBe(200);
    expect((await list({ 'X-Admin-Token': `${long}x` })).status).toBe(429);
    await target.close();
  });

  test('a stale token that is sent again and again counts once', async () => {
    const target = await ServerEdge.start();
    const headers = { 'X-Admin-Token': 'stale' };
    for (let number = 0; number < 50; number += 1) {
      expect((await fetch(`${target.url}/admin/nodes`, { headers })).status).toBe(401);
    }
    const right = { 'X-Admin-Token': ADMIN_TOKEN };
    expect((await fetch(`${target.url}/admin/nodes`, { headers: right })).status).toBe(200);
    expect(target.access.auditStore.entries.filter(({ action }) => action === 'token.refused')).toHaveLength(
      1,
    );
    await target.close();
  });
});

test('the page for Prometheus is read with its token alone, where one is set', async () => {
  const guarded = await ServerEdge.start({ metricsToken: 'of-prometheus' });
  try {
    const codeOf = async (headers: Record<string, string>) => {
      const answer = await fetch(`${guarded.url}/metrics`, { headers });
      return answer.ok ? 'ok' : ((await answer.json()) as { error: { code: string } }).error.code;
    };
    expect(await codeOf({})).toBe('missing_admin_token');
    expect(await codeOf({ authorization: 'Basic of-prometheus' })).toBe('missing_admin_token');
    expect(await codeOf({ authorization: `Bearer ${ADMIN_TOKEN}` })).toBe('invalid_admin_token');
    expect(await codeOf({ 'X-Admin-Token': ADMIN_TOKEN })).toBe('missing_admin_token');
    expect(await codeOf({ authorization: 'Bearer of-prometheus' })).toBe('ok');
  } finally {
    await guarded.close();
  }
  expect((await call('GET', '/metrics')).status).toBe(200);
});
