import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSocket } from '../../support/client/test-socket.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const JWT = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJnYXRld2F5In0.c2lnbmF0dXJl';
const FAILURES_MAX = 20;
let edge: ServerEdge;
let cookie: string;

beforeAll(async () => {
  edge = await ServerEdge.start({ trustedProxies: ['127.0.0.1'], publicUrl: 'https://public.example.org/' });
  cookie = await signIn({});
});
afterAll(() => edge.close());

interface Answer {
  readonly status: number | undefined;
  readonly cookie: string;
  readonly body: string;
}

/** fetch sends no Host of its own. */
function post(path: string, headers: Record<string, string>, body: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(edge.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
    });
    outgoing.on('error', reject).on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (data: string) => (text += data));
      incoming.on('end', () => {
        const [set = ''] = incoming.headers['set-cookie'] ?? [];
        resolve({ status: incoming.statusCode, cookie: set.split(';', 1)[0] ?? '', body: text });
      });
    });
    outgoing.end(JSON.stringify(body));
  });
}

async function signIn(headers: Record<string, string>): Promise<string> {
  return (await post('/session', headers, { token: ADMIN_TOKEN })).cookie;
}

describe.each([
  ['a JWT', `Bearer ${JWT}`],
  ['Basic', 'Basic dXNlcjpwYXNz'],
  ['a scheme of its own', 'Negotiate YIIB'],
])('a gateway that adds %s to every request', (_, authorization) => {
  const headers = (more: Record<string, string> = {}) => ({ authorization, ...more });
  const status = async (path: string, more: Record<string, string>) =>
    (await fetch(edge.url + path, { headers: headers(more) })).status;

  test('hides neither a cookie nor X-Admin-Token nor a ticket', async () => {
    expect(await status('/admin/nodes', { cookie })).toBe(200);
    expect(await status('/trpc/nodes.list', { cookie })).toBe(200);
    expect(await status('/admin/nodes', { 'X-Admin-Token': ADMIN_TOKEN })).toBe(200);
    const { node, path } = await edge.nodeWithLog(1);
    const { ticket } = (await (
      await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' })
    ).json()) as { ticket: string };
    expect(await status(`${path}?follow=false&ticket=${ticket}`, {})).toBe(200);
    expect(await TestSocket.upgrade(edge.url, { headers: headers({ cookie, origin: edge.url }) })).toBe(101);
  });

  test('is no failed sign-in, however often it comes', async () => {
    edge.access.auditStore.entries.length = 0;
    for (let number = 0; number <= FAILURES_MAX; number += 1) {
      expect(await status('/admin/nodes', {})).toBe(401);
    }
    expect(edge.access.auditStore.entries).toEqual([]);
    expect(await status('/admin/nodes', { 'X-Admin-Token': ADMIN_TOKEN })).toBe(200);
  });
});

test('a wrong token of our kind is still reported, whatever cookie comes with it', async () => {
  for (const token of [`llt_${'x'.repeat(43)}`, 'guess', `${ADMIN_TOKEN}x`]) {
    const headers = { Authorization: `Bearer ${token}`, cookie, 'X-Forwarded-For': '192.0.2.77:1' };
    expect((await fetch(`${edge.url}/admin/nodes`, { headers })).status, token).toBe(401);
  }
});

test('an operator may have chosen a JWT as the admin token', async () => {
  const own = await ServerEdge.start({ adminToken: JWT });
  const status = async (token: string) =>
    (await fetch(`${own.url}/admin/nodes`, { headers: { Authorization: `Bearer ${token}` } })).status;
  expect(await status(JWT)).toBe(200);
  await own.close();
});

describe('the sign-in behind a proxy', () => {
  test.each([
    ['that adds the port to Host', { Host: 'launch.example.org:443' }, 'https://launch.example.org'],
    ['that leaves Host alone', { Host: 'launch.example.org' }, 'https://launch.example.org'],
    ['that rewrites Host, at PUBLIC_URL', { Host: '10.0.0.5:8080' }, 'https://public.example.org'],
    [
      'that names the host in X-Forwarded-Host',
      { Host: 'inner', 'X-Forwarded-Host': 'launch.example.org' },
      'https://launch.example.org',
    ],
    [
      'that writes RFC 7239',
      { Host: 'inner', Forwarded: 'for=192.0.2.1;host=launch.example.org' },
      'https://launch.example.org',
    ],
  ])('%s is taken, and so is what the console then does', async (_, headers, origin) => {
    const signed = await signIn({ ...headers, Origin: origin });
    expect(signed).not.toBe('');
    const node = edge.launches.add();
    const calls = { ...headers, Origin: origin, Cookie: signed };
    expect((await post(`/admin/nodes/${node.id}/cancel`, calls, {})).status).toBe(202);
  });

  test('that hides the host is refused, and the answer names what to set', async () => {
    const answer = await post(
      '/session',
      { Host: '10.0.0.5:8080', Origin: 'https://launch.example.org' },
      { token: ADMIN_TOKEN },
    );
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('PUBLIC_URL');
    expect(answer.body).toContain('ALLOWED_ORIGINS');
  });
});

test('clients behind a proxy that writes ports do not share their failed sign-ins', async () => {
  const status = async (address: string, token: string) => {
    const headers = { 'X-Forwarded-For': address, 'X-Admin-Token': token };
    return (await fetch(`${edge.url}/admin/nodes`, { headers })).status;
  };
  for (let number = 0; number < FAILURES_MAX; number += 1)
    await status(`198.51.100.1:${5_000 + number}`, `wrong ${number}`);
  expect(await status('198.51.100.1:9', 'wrong')).toBe(429);
  expect(await status('198.51.100.2:9', 'wrong')).toBe(401);
  expect(await status('[2001:db8::1]:9', ADMIN_TOKEN)).toBe(200);
});

test('a token or a last id that a proxy repeats is one', async () => {
  const { path } = await edge.nodeWithLog(3);
  const repeated = (headers: [string, string][]) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const outgoing = request(`${edge.url}${path}?follow=false`, { headers: headers.flat() });
      outgoing.on('error', reject).on('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (data: string) => (text += data));
        incoming.on('end', () => resolve({ status: incoming.statusCode, text }));
      });
      outgoing.end();
    });
  const token: [string, string] = ['X-Admin-Token', ADMIN_TOKEN];
  const first = await repeated([['Host', 'x'], token, token]);
  expect(first.status).toBe(200);
  const [, id = ''] = /^id: (.+:1)$/m.exec(first.text) ?? [];
  const last: [string, string] = ['Last-Event-ID', id];
  const second = await repeated([['Host', 'x'], token, last, last]);
  expect([...second.text.matchAll(/^id: .+:(\d)$/gm)].map(([, seq]) => seq)).toEqual(['2', '3']);
  const other: [string, string] = ['Last-Event-ID', `${id}0`];
  expect((await repeated([['Host', 'x'], token, last, other])).status).toBe(400);
});
