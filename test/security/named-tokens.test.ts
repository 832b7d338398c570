import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeHeader, encodeNode, formatMergedCursor } from '@launchlog/server/merged-feed/merged-cursor';
import { formatScanPosition } from '@launchlog/server/search/log-scan-cursor';
import type { AccessTokenInput } from '@launchlog/shared/access-token';
import { OpenedEdges } from '../support/client/opened-edges.js';
import { ADMIN_TOKEN, type ServerEdge } from '../support/server/server-edge.js';
import { SseReader } from '../support/client/server-sse-reader.js';
import { MemoryTokenStore } from '../support/fake/memory-token-store.js';
import { TestSocket } from '../support/client/test-socket.js';
import { eventually, within } from '../support/within.js';
import { writeLine } from '../support/log/write-line.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const opened = new OpenedEdges();
const { start } = opened;
let edge: ServerEdge;

beforeEach(async () => void (edge = await start()));
afterEach(() => opened.close());

async function make(
  input: AccessTokenInput,
  on = edge,
): Promise<{ id: string; token: string; headers: Record<string, string> }> {
  const { accessToken, token } = await on.access.tokens.create(ADMIN, input);
  return { id: accessToken.id, token, headers: { 'X-Admin-Token': token } };
}
const status = async (path: string, init: RequestInit = {}, on = edge) =>
  (await fetch(on.url + path, init)).status;
const launch = (extra: object = {}) =>
  JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2', ...extra });

describe('a named token', () => {
  test('is shown once, and only its hash is kept', async () => {
    const body = JSON.stringify({ name: 'ci', scopes: ['read'] });
    const created = await edge.fetch('/admin/tokens', { method: 'POST', body });
    expect(created.status).toBe(201);
    expect(created.headers.get('cache-control')).toBe('no-store');
    const { token, id } = (await created.json()) as { token: string; id: string };
    expect(token).toMatch(/^llt_[A-Za-z0-9_-]{43}$/);
    const listed = await (await edge.fetch('/admin/tokens')).text();
    expect(listed).toContain(id);
    expect(listed).not.toContain(token);
    expect(JSON.stringify([...edge.access.tokenStore.rows.values()])).not.toContain(token);
    expect(JSON.stringify(edge.access.auditStore.entries)).not.toContain(token);
    expect(await status('/admin/nodes', { headers: { Authorization: `Bearer ${token}` } })).toBe(200);
  });

  test.each<[AccessTokenInput['scopes'], number, number, number]>([
    [['read'], 200, 403, 403],
    [['launch'], 403, 202, 403],
    [['read', 'launch'], 200, 202, 403],
    [['admin'], 200, 202, 200],
  ])('with %j may read: %i, launch: %i, administer: %i', async (scopes, read, write, administer) => {
    const { headers } = await make({ name: 'it', scopes });
    expect(await status('/admin/nodes', { headers })).toBe(read);
    expect(await status('/admin/nodes/launch', { method: 'POST', headers, body: launch() })).toBe(write);
    expect(await status('/admin/tokens', { headers })).toBe(administer);
    expect(await status('/admin/audit', { headers })).toBe(administer);
  });

  test.each([
    [{ name: 'admin', scopes: ['read'] }],
    [{ name: 'ADMIN', scopes: ['read'] }],
    [{ name: 'x\r\ny', scopes: ['read'] }],
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['root'] }],
    [{ name: 'x', scopes: ['admin'], tenant_id: 't' }],
    [{ name: 'x', scopes: ['read'], expires_at: '2000-01-01T00:00:00Z' }],
    [{ name: 'x', scopes: ['read'], hash: 'a'.repeat(64) }],
  ])('cannot be made of %j', async (body) => {
    const answer = await edge.fetch('/admin/tokens', { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
  });

  test('gains no rights from the console, neither by its session nor by a ticket', async () => {
    const reader = await make({ name: 'reader', scopes: ['read'] });
    const signedIn = await fetch(`${edge.url}/session`, {
      method: 'POST',
      body: JSON.stringify({ token: reader.token }),
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const json = { cookie, 'Content-Type': 'application/json', Origin: edge.url };
    expect(await status('/admin/nodes', { headers: { cookie } })).toBe(200);
    const shown = await fetch(`${edge.url}/session`, { headers: { cookie } });
    expect(await shown.json()).toEqual({ name: 'reader', may_launch: false });
    expect(await status('/admin/nodes/launch', { method: 'POST', headers: json, body: launch() })).toBe(403);
    expect(await status('/admin/tokens', { headers: { cookie } })).toBe(403);
    await edge.access.tokens.revoke(ADMIN, reader.id);
    expect(await status('/admin/nodes', { headers: { cookie } })).toBe(401);
    expect(await status('/session', { headers: { cookie } })).toBe(401);
  });

  test('ends everything it has open when it expires', async () => {
    const { path } = await edge.nodeWithLog(1);
    // A busy machine may need longer than that to open the stream.
    let lifeMs = 1_500;
    const opened = async () => {
      const expiresAt = new Date(Date.now() + lifeMs).toISOString();
      const { headers } = await make({ name: `short-${lifeMs}`, scopes: ['read'], expiresAt });
      lifeMs *= 2;
      const stream = await SseReader.open(edge.url + path, headers);
      return stream.status === 200 && { expiresAt, headers, stream };
    };
    const { expiresAt, headers, stream } = await eventually('no stream is opened in time', opened);
    await within('the end of the stream', stream.toEnd());
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(await status('/admin/nodes', { headers })).toBe(401);
  });
});

describe('revoking a token', () => {
  test('ends its requests, event streams, tickets and sockets at once', async () => {
    const { id, headers } = await make({ name: 'doomed', scopes: ['read'] });
    const other = await make({ name: 'other', scopes: ['read'] });
    const { node, path } = await edge.nodeWithLog(1);
    const answer = await fetch(`${edge.url}/admin/nodes/${node.id}/logs/ticket`, { method: 'POST', headers });
    const { ticket } = (await answer.json()) as { ticket: string };
    const streams = [
      await SseReader.open(edge.url + path, headers),
      await SseReader.open(`${edge.url}${path}?ticket=${ticket}`),
      await SseReader.open(`${edge.url}/admin/logs/stream`, headers),
    ];
    const untouched = await SseReader.open(edge.url + path, other.headers);
    const socket = await TestSocket.open(edge.url, headers);
    socket.send({
      id: 1,
      method: 'subscription',
      params: { path: 'nodes.logsStream', input: { json: { nodeId: node.id } } },
    });
    await socket.answerTo(1);
    await Promise.all(streams.map((stream) => stream.untilComment('connected')));

    const revoked = await edge.fetch(`/admin/tokens/${id}`, { method: 'DELETE' });
    expect(revoked.status).toBe(200);
    await Promise.all(streams.map((stream) => stream.toEnd()));
    expect(await socket.closed).toBe(4401);
    expect(await status('/admin/nodes', { headers })).toBe(401);
    expect(await status(`${path}?ticket=${ticket}`)).toBe(401);
    await untouched.until(({ event }) => event === 'log');
    untouched.close();
  });

  test('reaches another server, and its open streams, within seconds', async () => {
    const tokenStore = new MemoryTokenStore();
    const [first, second] = [await start({ tokenStore }), await start({ tokenStore })];
    const { id, headers } = await make({ name: 'shared', scopes: ['read'] }, first);
    expect(await status('/admin/nodes', { headers }, second)).toBe(200);
    const { path } = await second.nodeWithLog(1);
    const stream = await SseReader.open(second.url + path, headers);
    const socket = await TestSocket.open(second.url, headers);
    await first.access.tokens.revoke(ADMIN, id);
    await within('the end of the streams', Promise.all([stream.toEnd(), socket.closed]));
    expect(await status('/admin/nodes', { headers }, second)).toBe(401);
  });

  test('is not undone by a refresh that began earlier', async () => {
    const { id, headers } = await make({ name: 'racing', scopes: ['read'] });
    const { tokenStore } = edge.access;
    const before = await tokenStore.listValid();
    const listValid = tokenStore.listValid.bind(tokenStore);
    let answer = (_rows: typeof before): void => {};
    tokenStore.listValid = () => new Promise((resolve) => (answer = resolve));
    const looking = edge.access.registry.refresh();
    await edge.access.tokens.revoke(ADMIN, id);
    answer(before);
    await looking;
    tokenStore.listValid = listValid;
    expect(await status('/admin/nodes', { headers })).toBe(401);
  });
});

describe('while the database is away', () => {
  test('known tokens keep working, unknown ones are answered 503, and no token is called wrong', async () => {
    const known = await make({ name: 'known', scopes: ['read'] });
    edge.access.tokenStore.failure = new Error('away');
    expect(await status('/admin/nodes', { headers: known.headers })).toBe(200);
    const unknown = await fetch(`${edge.url}/admin/nodes`, {
      headers: { 'X-Admin-Token': `llt_${'A'.repeat(43)}` },
    });
    expect(unknown.status).toBe(503);
    expect(unknown.headers.get('retry-after')).toBe('5');
    expect(await status('/admin/nodes', { headers: { 'X-Admin-Token': ADMIN_TOKEN } })).toBe(200);
  });
});

describe.each([
  ['deployment', { deploymentId: 'chat' }, { deploymentId: 'other' }, { deployment_id: 'other' }],
  ['tenant', { tenantId: 'acme' }, { tenantId: 'other' }, { tenant_id: 'other' }],
] as const)('a token bound to a %s', (_kind, own, foreign, foreignBody) => {
  test('sees only its nodes; on every route the others do not exist', async () => {
    const mine = edge.launches.add(own);
    const theirs = edge.launches.add(foreign);
    const nobodys = edge.launches.add();
    const { headers } = await make({ name: 'bound', scopes: ['read', 'launch'], ...own });
    const listed = (await (await fetch(`${edge.url}/admin/nodes`, { headers })).json()) as {
      nodes: { id: string }[];
    };
    expect(listed.nodes.map(({ id }) => id)).toEqual([mine.id]);
    const absentId = '00000000-0000-4000-8000-000000000000';
    const absent = await (await fetch(`${edge.url}/admin/nodes/${absentId}`, { headers })).text();
    for (const { id, clusterName } of [theirs, nobodys]) {
      for (const [method, path] of [
        ['GET', `/admin/nodes/${id}`],
        ['GET', `/admin/nodes/${clusterName}`],
        ['GET', `/admin/nodes/${id}/status`],
        ['GET', `/admin/nodes/${id}/request`],
        ['GET', `/admin/nodes/${id}/logs`],
        ['GET', `/admin/nodes/${id}/logs/export?format=text`],
        ['GET', `/admin/nodes/${id}/logs/stream`],
        ['GET', `/admin/nodes/${id}/logs/stream?cursor=0123456789abcdef:1`],
        ['POST', `/admin/nodes/${id}/logs/ticket`],
        ['POST', `/admin/nodes/${id}/cancel`],
        ['POST', `/admin/nodes/${id}/terminate`],
        ['POST', `/admin/nodes/${id}/retry`],
      ] as const) {
        const answer = await fetch(edge.url + path, { method, headers });
        expect(`${method} ${path} ${answer.status}`).toBe(`${method} ${path} 404`);
        const asked = path.split('/')[3] ?? '';
        expect(await answer.text()).toBe(absent.replace(absentId, asked));
      }
    }
    expect(await status(`/admin/nodes/${mine.id}`, { headers })).toBe(200);
  });

  test('sees no other node over tRPC either, and no line of it in a merged stream', async () => {
    const { node: theirs, writer } = await edge.nodeWithLog(2);
    const mine = edge.launches.add(own);
    const { headers } = await make({ name: 'bound', scopes: ['read'], ...own });
    const socket = await TestSocket.open(edge.url, headers);
    const ask = (id: number, method: string, path: string, input: object) =>
      socket.send({ id, method, params: { path, input: { json: input } } });
    ask(1, 'query', 'nodes.get', { id: theirs.id });
    ask(2, 'subscription', 'nodes.logsStream', { nodeId: theirs.id });
    ask(3, 'query', 'nodes.logs', { nodeId: theirs.id });
    ask(4, 'query', 'nodes.list', { limit: 10 });
    for (const id of [1, 2, 3]) expect(await socket.refusalOf(id)).toContain('node_not_found');
    const list = JSON.stringify(await socket.answerTo(4));
    expect(list).toContain(mine.id);
    expect(list).not.toContain(theirs.id);
    const merged = await SseReader.open(`${edge.url}/admin/logs/stream`, headers);
    await merged.untilComment('connected');
    writeLine(writer, 'a secret of others', { phase: 'provisioning', source: 'skypilot' });
    await writer.flush();
    const own1 = await edge.writer(mine);
    writeLine(own1, 'mine', { phase: 'provisioning', source: 'skypilot' });
    await own1.flush();
    await merged.until(({ event, data }) => event === 'log' && data.includes('mine'));
    expect(merged.raw).not.toContain('others');
    expect(merged.raw).not.toContain(theirs.id);
    merged.close();
    socket.close();
    await own1.close();
  });

  test('reads nothing of another node by a cursor that names it, in streams of many nodes and in searches', async () => {
    const { node: theirs, writer } = await edge.nodeWithLog(0);
    writeLine(writer, 'a secret of others', { phase: 'provisioning', source: 'skypilot' });
    await writer.flush();
    const mine = await edge.writer(edge.launches.add(own));
    writeLine(mine, 'mine', { phase: 'provisioning', source: 'skypilot' });
    await mine.flush();
    const { headers } = await make({ name: 'bound', scopes: ['read'], ...own });
    const { epoch = '' } = await edge.store.read(theirs.id, { from: { tail: 1 }, limit: 1 });
    const place = { bornAtMs: 0, markMs: 0 };
    for (const scope of [own, {}]) {
      const forged = formatMergedCursor(encodeHeader(scope, place), [encodeNode(theirs.id, `${epoch}:0`)]);
      const stream = await fetch(`${edge.url}/admin/logs/stream?follow=false&cursor=${forged}`, { headers });
      expect([200, 400]).toContain(stream.status);
      expect(await stream.text()).not.toContain('others');
    }
    const cursor = formatScanPosition({
      createdAt: theirs.createdAt,
      nodeId: theirs.id,
      cursor: `${epoch}:0`,
    });
    for (const query of [`q=others&cursor=${cursor}`, `q=others&node_id=${theirs.id}&cursor=${cursor}`]) {
      const search = await fetch(`${edge.url}/admin/logs/search?${query}`, { headers });
      expect(await search.text()).not.toContain('a secret of');
      expect(search.status).toBe(404);
    }
    await mine.close();
  });

  test('launches only there, even if the request does not name it, and does not choose ids', async () => {
    const { headers } = await make({ name: 'bound', scopes: ['read', 'launch'], ...own });
    const post = (body: string) => fetch(`${edge.url}/admin/nodes/launch`, { method: 'POST', headers, body });
    expect((await post(launch())).status).toBe(202);
    expect(edge.launches.asked.at(-1)?.request).toMatchObject(own);
    expect((await post(launch(foreignBody))).status).toBe(403);
    expect((await post(launch({ node_id: '550e8400-e29b-41d4-a716-446655440000' }))).status).toBe(403);
    expect(edge.launches.asked).toHaveLength(1);
  });
});
