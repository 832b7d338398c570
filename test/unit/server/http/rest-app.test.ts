import { EventEmitter, getEventListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { z } from '@hono/zod-openapi';
import { describe, expect, test, vi } from 'vitest';
import { PublicAddress } from '@launchlog/server/edge/public-address';
import { enterScope, scopeOf } from '@launchlog/server/http/request-scope';
import { RestApp } from '@launchlog/server/http/rest-app';
import type { RestCall, RestRoute } from '@launchlog/server/http/rest-app';
import { streamedAnswer } from '@launchlog/server/http/streamed-answer';
import { jsonContent } from '@launchlog/server/http/wire-schema';
import { createLogger } from '@launchlog/server/logger';
import { heavyWork } from '@launchlog/server/wait/fair-turns';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { settle } from '../../../support/client/recorded-socket.js';

const OK = { 200: { description: 'OK' } };
const NAMED = { 200: jsonContent('OK', z.string().openapi('OfOneRoute')) };
const OPEN: RestRoute = { route: 'GET /healthz', summary: 'open', responses: NAMED };
const READ: RestRoute = { route: 'GET /admin/nodes', summary: 'read', responses: OK };
const CHANGE: RestRoute = { route: 'POST /admin/nodes/launch', summary: 'change', responses: OK };

/** An app whose callers hold a credential that the test may revoke. */
function started(handle: (call: RestCall) => void = () => undefined) {
  const revoking = new AbortController();
  const authenticator = {
    authenticate: () => Promise.resolve({ name: 'ada', scopes: ['admin'], revoked: revoking.signal }),
    authorize: () => undefined,
  };
  const app = new RestApp(authenticator as never, createLogger('silent'), new PublicAddress(undefined));
  for (const route of [OPEN, READ, CHANGE]) {
    app.add(route, (call) => {
      handle(call);
      return Promise.resolve(call.context.body('done', 200));
    });
  }
  const call = async (method: string, path: string, { isGone = false } = {}) => {
    const incoming = { method, headers: {} } as IncomingMessage;
    enterScope(incoming, { requestId: 'r', address: '192.0.2.1' });
    const outgoing = Object.assign(new EventEmitter(), {
      destroyed: isGone,
      headersSent: false,
      destroy: () => undefined,
    });
    const answer = await app.fetch(new Request(`http://localhost${path}`, { method }), {
      incoming,
      outgoing: outgoing as never,
    });
    return { status: answer.status, outgoing };
  };
  return { app, call, revoking };
}

describe('the routes of an app', () => {
  test('are registered once each', () => {
    const { app } = started();
    expect(() => app.add(READ, () => Promise.reject(new Error('no')))).toThrow('is registered twice');
  });

  test.each([
    ['/admin/nodes', true],
    ['/admin/of-no-route', true],
    ['/healthz', true],
    ['/healthz?a=b', true],
    ['/nodes', false],
    ['/', false],
    ['/healthz/more', false],
  ])('own %s: %s', (url, isOwn) => {
    expect(started().app.owns(url)).toBe(isOwn);
  });

  test('document the errors of their guard, and open ones have none', async () => {
    const { paths } = JSON.parse(await started().app.document()) as {
      paths: Record<string, Record<string, { responses: object }>>;
    };
    expect(Object.keys(paths['/admin/nodes']?.['get']?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '401', '403', '429']),
    );
    expect(Object.keys(paths['/healthz']?.['get']?.responses ?? {})).not.toContain('401');
  });

  test('are documented once, in turns of the event loop, each with what it shares with others', async () => {
    const turn = vi.spyOn(heavyWork, 'turn');
    const { app } = started();
    const [text, again] = await Promise.all([app.document(), app.document()]);
    // Three routes in two parts, and the whole.
    expect([text === again, turn.mock.calls.length]).toEqual([true, 3]);
    const { paths, components } = JSON.parse(text) as { paths: object; components: { schemas: object } };
    expect(Object.keys(paths)).toEqual(['/healthz', '/admin/nodes', '/admin/nodes/launch']);
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['OfOneRoute', 'Error']));
    app.describe({ ...READ, route: 'GET /readyz' });
    expect(JSON.parse(await app.document())).toHaveProperty(['paths', '/readyz', 'get']);
    turn.mockRestore();
  });

  test('have no caller where they are open, and fail if they ask for one', async () => {
    const { call } = started((asked) => void asked.principal());
    expect((await call('GET', '/healthz')).status).toBe(500);
    expect((await call('GET', '/admin/nodes')).status).toBe(200);
  });
});

describe('an answer whose reader loses the credential meanwhile', () => {
  test.each([
    ['GET', '/admin/nodes', 401],
    ['HEAD', '/admin/nodes', 401],
    ['POST', '/admin/nodes/launch', 200],
  ])('%s %s is answered with %i: what was changed is reported', async (method, path, status) => {
    const { call, revoking } = started(() =>
      revoking.abort(new LaunchlogError('invalid_admin_token', 'revoked')),
    );
    expect((await call(method, path)).status).toBe(status);
  });

  test('is not watched where the reader is gone, or when it has ended', async () => {
    const { call, revoking } = started();
    const listeners = () => getEventListeners(revoking.signal, 'abort').length;
    await call('GET', '/admin/nodes', { isGone: true });
    expect(listeners()).toBe(0);
    const { outgoing } = await call('GET', '/admin/nodes');
    expect(listeners()).toBe(1);
    outgoing.emit('close');
    expect(listeners()).toBe(0);
  });
});

test('an answer whose reader has left is produced no further', async () => {
  const outgoing = Object.assign(new PassThrough(), { writeHead: () => undefined });
  const call = { incoming: { method: 'GET', headers: {} }, context: { env: { outgoing } } };
  let made = 0;
  async function* pieces(): AsyncGenerator<string, void> {
    while (made < 100) {
      made += 1;
      await settle();
      if (made === 3) outgoing.destroy();
      yield 'x';
    }
  }
  await streamedAnswer(call as never, { mediaType: 'text/plain', pieces: pieces() });
  expect(made).toBe(3);
});

test('a request that did not come through the server has no scope', () => {
  expect(() => scopeOf({} as IncomingMessage)).toThrow('has not come through the server');
});
