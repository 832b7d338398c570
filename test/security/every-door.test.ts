import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, ServerEdge } from '../support/server-edge.js';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { TestSocket } from '../support/test-socket.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
/** What is for everybody, and is meant to be. */
const OPEN = new Set([
  'get /healthz',
  'get /readyz',
  'get /openapi.json',
  'get /metrics',
  'post /session',
  'get /session',
  'delete /session',
]);

interface Document {
  readonly paths: Record<string, Record<string, { security?: unknown }>>;
}

let edge: ServerEdge;
let routes: { readonly method: string; readonly path: string; readonly documentedAsGuarded: boolean }[];
const procedures = Object.entries(
  createAppRouter({} as Parameters<typeof createAppRouter>[0])._def.procedures as unknown as Record<
    string,
    { readonly _def: { readonly type: string } }
  >,
).map(([path, { _def }]) => ({ path, type: _def.type }));

beforeAll(async () => {
  edge = await ServerEdge.start();
  edge.launches.add({ id: ID });
  const document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as Document;
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method,
      path: path.replaceAll(/\{[a-z_]+\}/g, ID),
      documentedAsGuarded: security !== undefined,
    })),
  );
});
afterAll(() => edge.close());

const call = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(edge.url + path, { method: method.toUpperCase(), headers });

describe('every route of the OpenAPI document', () => {
  test('is guarded, but those that are meant for everybody', () => {
    expect(routes.length).toBeGreaterThan(20);
    const open = routes
      .filter((route) => !route.documentedAsGuarded)
      .map(({ method, path }) => `${method} ${path}`);
    expect(open.filter((route) => !OPEN.has(route))).toEqual([]);
    expect(
      routes.filter(({ path, documentedAsGuarded }) => path.startsWith('/admin') && !documentedAsGuarded),
    ).toEqual([]);
  });

  test.each([
    ['no token', {}, 401],
    ['an empty token', { 'X-Admin-Token': '' }, 401],
    ['a token in another header', { 'X-Token': ADMIN_TOKEN }, 401],
    ['basic authentication', { Authorization: `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}` }, 401],
    ['a forged session', { Cookie: 'launchlog_session=eyJhY3RvciI6ImFkbWluIn0.AAAA' }, 401],
  ])('refuses %s before it looks at anything else', async (_what, headers, status) => {
    for (const { method, path } of routes.filter((route) => route.documentedAsGuarded)) {
      const response = await call(method, path, headers as unknown as Record<string, string>);
      expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} ${status}`);
      await response.body?.cancel();
    }
  });

  test('refuses a wrong token, and a named token without any of its scopes', async () => {
    const fresh = await ServerEdge.start();
    const by = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
    const { token } = await fresh.access.tokens.create(by, { name: 'launcher', scopes: ['launch'] });
    for (const { method, path, documentedAsGuarded } of routes) {
      if (!documentedAsGuarded || method !== 'get') continue;
      const headers = { 'X-Admin-Token': token };
      const response = await fetch(fresh.url + path, { headers });
      expect(`${path} ${response.status}`).toBe(`${path} 403`);
      await response.body?.cancel();
    }
    const wrong = await fetch(`${fresh.url}/admin/nodes`, { headers: { 'X-Admin-Token': `${token}x` } });
    expect(wrong.status).toBe(401);
    await fresh.close();
  });

  test('what is no route is refused too: nobody learns what there is', async () => {
    for (const path of [
      '/admin',
      '/admin/',
      '/admin/secrets',
      '/admin/../admin/nodes',
      '/ADMIN/nodes',
      '/admin//nodes',
    ]) {
      const response = await call('get', path);
      expect([401, 404], path).toContain(response.status);
      expect(await response.text()).not.toContain(ID);
    }
  });
});

describe('every procedure of the router', () => {
  test('the router has them', () => {
    expect(procedures.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'nodes.launch',
        'nodes.logsStream',
        'tokens.create',
        'audit.list',
        'logs.streamAll',
      ]),
    );
  });

  test.each(procedures)('$path over HTTP answers a real 401 without a token', async ({ path, type }) => {
    const method = type === 'mutation' ? 'post' : 'get';
    const response = await call(method, `/trpc/${path}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).not.toBe('text/event-stream');
  });

  test.each(procedures)(
    '$path over a WebSocket is out of reach for a token without its scope',
    async ({ path, type }) => {
      const by = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
      /** Each procedure needs one of these two; the other must not do. */
      const scope = /^nodes\.(?:launch|cancel|terminate|retry)$/.test(path) ? 'read' : 'launch';
      const { token } = await edge.access.tokens.create(by, { name: `t-${path}-${scope}`, scopes: [scope] });
      const socket = await TestSocket.open(edge.url, { 'X-Admin-Token': token });
      socket.send({
        id: 1,
        method: type,
        params: { path, input: { json: { id: ID, nodeId: ID, deploymentId: 'd' } } },
      });
      const answer = await socket.answerTo(1);
      expect(JSON.stringify(answer.error?.json)).toMatch(/"code":"(?:forbidden|invalid_request)"/);
      socket.close();
    },
  );

  test.each([
    ['GET', '/trpc/nodes.logsStream/', 405],
    ['GET', '/trpc/nodes.logsStream//', 405],
    ['GET', '/trpc//nodes.logsStream', 405],
    ['GET', '/trpc/nodes.logsStream%2F', 405],
    ['GET', '/trpc/nodes%2ElogsStream', 405],
    ['GET', '/trpc/nodes.list,logs.streamAll/?batch=1', 405],
    ['GET', '/trpc/%ff', 404],
    ['GET', '/trpc/%', 404],
    ['TRACE', '/trpc/nodes.list', 405],
    ['PUT', '/trpc/nodes.list', 405],
  ])('%s %s with a token is told %i, and opens no event stream', async (method, path, status) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'X-Admin-Token': ADMIN_TOKEN };
      request(edge.url + path, { method, path, headers })
        .on('response', resolve)
        .on('error', reject)
        .end();
    });
    answer.resume();
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  test('no upgrade without a token, with a wrong one or with one in the URL', async () => {
    expect(await TestSocket.upgrade(edge.url)).toBe(401);
    expect(await TestSocket.upgrade(edge.url, { headers: { 'X-Admin-Token': 'wrong' } })).toBe(401);
    expect(await TestSocket.upgrade(`${edge.url}/trpc?token=${ADMIN_TOKEN}&x=`)).toBe(401);
  });
});
