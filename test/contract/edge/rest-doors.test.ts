import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

/*
 * What the edge refuses before a use case is asked, each once and cheaply: `npm run test:guards` tries most refusals of the REST
 * API, of the event streams and of tRPC over HTTP with this file.
 */

let edge: ServerEdge;
let id: string;
beforeAll(async () => {
  edge = await ServerEdge.start();
  id = (await edge.nodeWithLog(3)).node.id;
});
afterAll(() => edge.close());

const HEADERS = { 'X-Admin-Token': ADMIN_TOKEN, 'Content-Type': 'application/json' };

interface Door {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function ask({ method = 'GET', path, headers = HEADERS, body }: Door) {
  const response = await fetch(edge.url + path.replace('{id}', id), {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const code = /"code":"([a-z_]+)"/.exec(text)?.[1];
  return { status: response.status, code, text, headers: response.headers };
}

describe('a request is refused', () => {
  test.each<[string, Door, number, string]>([
    ['at no path of the API', { path: '/admin/nothing' }, 404, 'not_found'],
    [
      'at no path of the API, whatever its method',
      { path: '/admin/nothing', method: 'POST' },
      404,
      'not_found',
    ],
    ['without a token', { path: '/admin/nodes', headers: {} }, 401, 'missing_admin_token'],
    [
      'without a token at a stream',
      { path: '/admin/nodes/{id}/logs/stream', headers: {} },
      401,
      'missing_admin_token',
    ],
    [
      'with another method',
      { path: '/admin/nodes/{id}', method: 'PATCH', body: '{}' },
      405,
      'method_not_allowed',
    ],
    [
      'with another method at a stream',
      { path: '/admin/nodes/{id}/logs/stream', method: 'POST' },
      405,
      'method_not_allowed',
    ],
    ['with an empty id', { path: '/admin/nodes//logs' }, 400, 'invalid_request'],
    ['with a node that is not there', { path: '/admin/nodes/nothing/logs/stream' }, 404, 'node_not_found'],
    [
      'with a cursor that is none',
      { path: '/admin/nodes/{id}/logs/stream?cursor=x' },
      400,
      'invalid_request',
    ],
    [
      'with a field that a retry does not have',
      { path: '/admin/nodes/{id}/retry', method: 'POST', body: '{"nod_id":"x"}' },
      400,
      'invalid_request',
    ],
    ['as a change over GET', { path: '/trpc/nodes.terminate?input={}' }, 405, 'method_not_allowed'],
    [
      'as a stream of tRPC that accepts no events',
      { path: '/trpc/nodes.logsStream?input={}' },
      405,
      'method_not_allowed',
    ],
    [
      'as a stream of tRPC by POST',
      { path: '/trpc/nodes.logsStream', method: 'POST', body: '{}' },
      405,
      'method_not_allowed',
    ],
    [
      'as a stream in a batch',
      { path: '/trpc/nodes.list,nodes.logsStream?batch=1&input={}' },
      405,
      'method_not_allowed',
    ],
    [
      'by another method than GET and POST',
      { path: '/trpc/nodes.list', method: 'DELETE' },
      405,
      'method_not_allowed',
    ],
    ['with an escape that is none', { path: '/trpc/%zz' }, 404, 'not_found'],
    [
      'with a session that has no token',
      { path: '/session', method: 'POST', body: '{"token":""}' },
      400,
      'invalid_request',
    ],
    ['without a session', { path: '/session', headers: {} }, 401, 'missing_admin_token'],
  ])('%s', async (_, door, status, code) => {
    expect(await ask(door)).toMatchObject({ status, code });
  });
});

describe('HEAD answers as GET does, and has no body', () => {
  test.each([
    '/admin/nodes/{id}',
    '/admin/nodes/{id}/logs/stream?follow=false',
    '/admin/nodes/{id}/events/stream',
    '/admin/logs/stream',
    '/healthz',
  ])('%s', async (path) => {
    const head = await ask({ path, method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toMatch(/^(?:application\/json|text\/event-stream)/);
  });
});

test('a parameter that is not known is named, and the known one that was meant', async () => {
  const { headers } = await ask({ path: '/admin/nodes?limt=3&limit=1' });
  expect(headers.get('launchlog-ignored')).toContain('limt');
  expect((await ask({ path: '/admin/nodes?limit=1' })).headers.get('launchlog-ignored')).toBeNull();
});

test('a page of another site neither signs in nor out', async () => {
  const headers = { ...HEADERS, Origin: 'https://evil.example' };
  const body = JSON.stringify({ token: ADMIN_TOKEN });
  expect((await ask({ path: '/session', method: 'POST', headers, body })).status).toBe(403);
  expect((await ask({ path: '/session', method: 'DELETE', headers })).status).toBe(403);
});
