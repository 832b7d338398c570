import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { writeLine } from '../../support/log/write-line.js';
import { restCall, TABLED_ROUTES } from '../../support/server/operation-calls.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const STREAM = 'no-cache, no-transform';
let edge: ServerEdge;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launchlog-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'export {}');
  const resolved = () => Promise.resolve({ rule: { id: ID }, id: ID, deliveries: [] });
  const notifications = new Proxy({} as NotificationService, {
    get: (_service, name) => (name === 'listRules' ? () => Promise.resolve([]) : resolved),
  });
  const metrics = () => Promise.resolve({ total: {}, groups: [] });
  edge = await ServerEdge.start({
    consoleDir: folder,
    notifications,
    launchMetrics: { launches: metrics, phases: metrics } as never,
  });
  edge.launches.add({ id: ID });
});
afterAll(async () => {
  await edge.close();
  await rm(folder, { recursive: true, force: true });
});

async function cachingOf(path: string, init: RequestInit = {}): Promise<string | null> {
  const response = await edge.fetch(path, init);
  await response.body?.cancel();
  return response.headers.get('cache-control');
}

/** What a shared cache may keep it serves to everybody: it does not know `X-Admin-Token`. */
describe('a cache in front of the server', () => {
  const expected = (route: string) => {
    if (route === 'GET /openapi.json') return 'no-cache';
    // The node does not run here, and an error is no stream.
    if (route.includes('runtime-logs')) return 'no-store';
    return route.endsWith('/stream') ? STREAM : 'no-store';
  };

  test.each(TABLED_ROUTES)('is given nothing of $route to keep', async ({ route }) => {
    const { path, init } = restCall(route, ID);
    const caching = [await cachingOf(path, init)];
    if (init.method === 'GET') caching.push(await cachingOf(path, { method: 'HEAD' }));
    expect(caching).toEqual(caching.map(() => expected(route)));
  });

  test.each([
    ['a missing token', '/admin/nodes', { headers: { 'X-Admin-Token': '' } }],
    ['a wrong token', '/admin/nodes', { headers: { 'X-Admin-Token': 'wrong' } }],
    ['an unknown node', '/admin/nodes/none', {}],
    ['an unknown path', '/admin/none', {}],
    ['a path of nobody', '/none', {}],
    ['a wrong method', '/admin/nodes', { method: 'DELETE' }],
    ['a wrong query', '/admin/nodes?limit=x', {}],
    ['a preflight', '/admin/nodes', { method: 'OPTIONS' }],
    ['a query over tRPC', '/trpc/nodes.list', {}],
    ['an unknown procedure', '/trpc/none', {}],
    ['tRPC with a wrong token', '/trpc/nodes.list', { headers: { 'X-Admin-Token': 'wrong' } }],
    ['a page as a file', `/admin/nodes/${ID}/logs`, { headers: { Accept: 'text/csv' } }],
  ])('is given nothing of %s to keep', async (_, path, init) => {
    expect(await cachingOf(path, init)).toBe('no-store');
  });

  test('is given nothing of a stream that is over to keep', async () => {
    const node = edge.launches.add({ status: 'active' });
    const writer = await edge.writer(node);
    writeLine(writer, 'Ready', { phase: 'active', source: 'orchestrator', progress: 100 });
    await writer.flush();
    await writer.close();
    const path = `/admin/nodes/${node.id}/logs/stream`;
    const events = await (await edge.fetch(path)).text();
    const cursor = /^id: (\S+:done)$/m.exec(events)?.[1] ?? '';
    const response = await edge.fetch(path, { headers: { 'Last-Event-ID': cursor } });
    expect(response.status).toBe(204);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('is given nothing of a refused upgrade to keep', async () => {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'X-Admin-Token': `${ADMIN_TOKEN}x` };
    const caching = await new Promise((resolve) => {
      request(`${edge.url}/trpc`, { headers })
        .on('response', (response) => resolve(response.resume().headers['cache-control']))
        .end();
    });
    expect(caching).toBe('no-store');
  });

  test('keeps the files of the console whose names change with their content, and asks for its pages again', async () => {
    expect(await cachingOf('/assets/app-1a2b.js')).toBe('public, max-age=31536000, immutable');
    const page = await edge.fetch('/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const headers = { 'If-None-Match': page.headers.get('etag') ?? '' };
    const again = await edge.fetch('/', { headers });
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'no-cache']);
  });
});
