import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOKEN_SCOPES } from '@launchlog/shared/access-token';
import type { TokenScope } from '@launchlog/shared/access-token';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import {
  procedureInput,
  restCall,
  TABLED_PROCEDURES,
  TABLED_ROUTES,
} from '../support/server/operation-calls.js';
import { leastScope } from '../support/server/procedure-facts.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { TestSocket } from '../support/client/test-socket.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
/** The operations that everybody may call, and is meant to. */
const OPEN = [
  'POST /session',
  'GET /session/options',
  'GET /session/sso',
  'GET /session/sso/callback',
  'POST /session/sso/logout',
  'POST /session/device',
  'POST /session/device/token',
  'GET /session',
  'DELETE /session',
  'GET /metrics',
  'GET /healthz',
  'GET /readyz',
  'GET /openapi.json',
];
const GUARDED_ROUTES = TABLED_ROUTES.filter(({ rule }) => rule.scope !== 'open');
/** Any answer of a handler: no 401 and no 403. */
const ADMITTED = /^(?!40[13])/;
const CREDENTIALS = new Map<TokenScope, string>();

let edge: ServerEdge;
beforeAll(async () => {
  const resolved = () => Promise.resolve({ rule: { id: ID }, id: ID, deliveries: [] });
  const notifications = new Proxy({} as NotificationService, {
    get: (_service, name) => (name === 'listRules' ? () => Promise.resolve([]) : resolved),
  });
  const metrics = () => Promise.resolve({ total: {}, groups: [] });
  const launchMetrics = { launches: metrics, phases: metrics } as never;
  edge = await ServerEdge.start({ notifications, launchMetrics });
  edge.launches.add({ id: ID });
  for (const scope of TOKEN_SCOPES) {
    const { token } = await edge.access.tokens.create(ADMIN, {
      name: scope === 'admin' ? 'root' : scope,
      scopes: [scope],
    });
    CREDENTIALS.set(scope, token);
  }
});
afterAll(() => edge.close());

const isAllowed = (held: TokenScope, needed: TokenScope | 'any' | 'open') =>
  held === 'admin' || needed === 'any' || held === needed;
const headersOf = (scope: TokenScope) => ({ 'X-Admin-Token': CREDENTIALS.get(scope) ?? '' });

/** The status of the answer, and the code of its error. */
async function answerTo(path: string, init: RequestInit): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(edge.url + path, { ...init, signal: stop.signal });
  const code = response.ok ? '' : (/"code":"([a-z_]+)"/.exec(await response.text())?.[1] ?? '');
  stop.abort();
  return `${response.status} ${code}`.trim();
}

describe('every REST route of the access table', () => {
  test('is guarded, except for those that are meant for everybody', () => {
    const open = TABLED_ROUTES.filter(({ rule }) => rule.scope === 'open').map(({ route }) => route);
    expect(open).toEqual(OPEN);
    expect(GUARDED_ROUTES.filter(({ route }) => !/^[A-Z]+ \/admin\//.test(route))).toEqual([]);
  });

  test.each([
    ['no token', {}],
    ['an empty token', { 'X-Admin-Token': '' }],
    ['a token in another header', { 'X-Token': ADMIN_TOKEN }],
    ['basic authentication', { Authorization: `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}` }],
    ['a forged session behind TLS', { Cookie: '__Host-launchlog_session=eyJhY3RvciI6ImFkbWluIn0.AAAA' }],
    ['a forged session', { Cookie: 'launchlog_session=eyJhY3RvciI6ImFkbWluIn0.AAAA' }],
  ])('refuses %s before anything else', async (_what, headers) => {
    for (const { route } of GUARDED_ROUTES) {
      const { path, init } = restCall(route, ID);
      const answer = await answerTo(path, { ...init, headers: headers as unknown as HeadersInit });
      expect(`${route} ${answer}`).toMatch(/ 401 (?:missing|invalid)_admin_token$/);
    }
  });

  test('refuses a token that is almost right', async () => {
    const headers = { 'X-Admin-Token': `${CREDENTIALS.get('read') ?? ''}x` };
    expect(await answerTo('/admin/nodes', { headers })).toBe('401 invalid_admin_token');
  });

  test.each(GUARDED_ROUTES)(
    '$route admits a token of its scope, and refuses every other one',
    async ({ route }) => {
      for (const scope of TOKEN_SCOPES) {
        const { path, init } = restCall(route, ID);
        const answer = await answerTo(path, { ...init, headers: headersOf(scope) });
        expect(answer, scope).toMatch(isAllowed(scope, leastScope(route)) ? ADMITTED : /^403 forbidden$/);
      }
    },
  );

  test('a path without a route is refused too, so that nobody learns which routes exist', async () => {
    for (const path of [
      '/admin',
      '/admin/',
      '/admin/secrets',
      '/admin/../admin/nodes',
      '/ADMIN/nodes',
      '/admin//nodes',
    ]) {
      const response = await fetch(edge.url + path);
      expect([401, 404], path).toContain(response.status);
      expect(await response.text()).not.toContain(ID);
    }
  });
});

describe('every procedure of the access table', () => {
  test.each(TABLED_PROCEDURES)(
    '$procedure over HTTP answers a real 401 without a token',
    async ({ procedure, type }) => {
      const response = await fetch(`${edge.url}/trpc/${procedure}`, {
        method: type === 'mutation' ? 'POST' : 'GET',
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('content-type')).not.toBe('text/event-stream');
      await response.body?.cancel();
    },
  );

  test.each(TABLED_PROCEDURES.filter(({ type }) => type !== 'subscription'))(
    '$procedure over HTTP admits a token of its scope, and refuses every other one',
    async ({ procedure, type }) => {
      for (const scope of TOKEN_SCOPES) {
        const input = JSON.stringify(procedureInput(procedure, ID) ?? {});
        const headers = { ...headersOf(scope), 'Content-Type': 'application/json' };
        const answer =
          type === 'mutation'
            ? await answerTo(`/trpc/${procedure}`, { method: 'POST', headers, body: input })
            : await answerTo(`/trpc/${procedure}?input=${encodeURIComponent(input)}`, { headers });
        expect(answer, scope).toMatch(isAllowed(scope, leastScope(procedure)) ? ADMITTED : /^403 forbidden$/);
      }
    },
  );

  test.each(TABLED_PROCEDURES)(
    '$procedure over a WebSocket admits a token of its scope, and refuses every other one',
    async ({ procedure, type }) => {
      for (const scope of TOKEN_SCOPES) {
        const socket = await TestSocket.open(edge.url, headersOf(scope));
        const input = procedureInput(procedure, ID) ?? {};
        socket.send({ id: 1, method: type, params: { path: procedure, input: { json: input } } });
        const answer = JSON.stringify((await socket.answerTo(1)).error ?? {});
        socket.close();
        expect(answer.includes('"code":"forbidden"'), scope).toBe(!isAllowed(scope, leastScope(procedure)));
      }
    },
  );

  test.each(TABLED_PROCEDURES.filter(({ type }) => type === 'subscription'))(
    '$procedure as an event stream admits a token of its scope, and refuses every other one with its status',
    async ({ procedure }) => {
      const input = encodeURIComponent(JSON.stringify(procedureInput(procedure, ID) ?? {}));
      for (const scope of TOKEN_SCOPES) {
        const headers = { ...headersOf(scope), Accept: 'text/event-stream' };
        const answer = await answerTo(`/trpc/${procedure}?input=${input}`, { headers });
        expect(answer, scope).toMatch(isAllowed(scope, leastScope(procedure)) ? ADMITTED : /^403 forbidden$/);
      }
    },
  );

  test.each([
    ['GET', '/trpc/nodes.logsStream', 405],
    ['HEAD', '/trpc/nodes.logsStream', 405],
    ['POST', '/trpc/nodes.logsStream', 405],
    ['GET', '/trpc/nodes.logsStream?batch=1', 405],
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
  ])('%s %s with a token answers %i, and opens no event stream', async (method, path, status) => {
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
