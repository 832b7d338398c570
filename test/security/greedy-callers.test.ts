import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { OpenedEdges } from '../support/client/opened-edges.js';
import { TestSocket } from '../support/client/test-socket.js';
import { writeLine } from '../support/log/write-line.js';
import { ADMIN_TOKEN, type ServerEdge } from '../support/server/server-edge.js';
import { within } from '../support/within.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const TOKEN = { 'X-Admin-Token': ADMIN_TOKEN };
const WAIT_MS = 60_000;
const opened = new OpenedEdges();
const { open, start } = opened;
afterEach(() => opened.close());

async function nodeWithLines(edge: ServerEdge, entries: number): Promise<string> {
  const { node, writer } = await edge.nodeWithLog(0);
  for (let number = 1; number <= entries; number += 1) {
    writeLine(writer, 'x'.repeat(30_000), { phase: 'installing', source: 'instance' });
    if (number % 50 === 0) await writer.flush();
  }
  await writer.flush();
  return node.id;
}

const logsCall = (id: number, nodeId: string) => ({
  id,
  method: 'query',
  params: { path: 'nodes.logs', input: { json: { nodeId, tail: 10_000 } } },
});
const listCalls = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id: id + 1, method: 'query', params: { path: 'nodes.list' } }));

describe('a message with many calls in it', () => {
  test('counts as one message for each of its calls', async () => {
    const edge = await start({ messagesPerMinute: 50 });
    const socket = await TestSocket.open(edge.url, TOKEN);
    socket.send(listCalls(40));
    expect((await socket.answerTo(40)).error).toBeUndefined();
    socket.send(listCalls(40));
    socket.send('PING');
    expect(await within('the close', socket.closed, WAIT_MS)).toBe(1008);
  });

  test('beyond five hundred closes the socket, and none of them is done', async () => {
    const edge = await start();
    const socket = await TestSocket.open(edge.url, TOKEN);
    socket.send(listCalls(501));
    expect(await within('the close', socket.closed, WAIT_MS)).toBe(1008);
    expect(socket.messages).toEqual([]);
  });
});

describe('lists that look at the whole fleet', () => {
  test.each(['q=llama', 'counts=true', 'sort=cost', 'region=us-east-1', 'health=healthy'])(
    'with %s wait for their turn, and beyond some the token is refused, but not its short lists',
    async (query) => {
      const edge = await start();
      const held = new Set<() => void>();
      edge.launches.list = () => new Promise((resolve) => held.add(() => resolve({ nodes: [] })));
      const begun = Array.from({ length: 18 }, () => edge.fetch(`/admin/nodes?${query}`));
      await expect.poll(() => held.size, { timeout: WAIT_MS }).toBe(2);
      const input = encodeURIComponent(JSON.stringify({ json: { q: 'llama' } }));
      const refused = async (path: string) => {
        const answer = await edge.fetch(path);
        return [answer.status, answer.headers.get('retry-after')];
      };
      await expect.poll(() => refused(`/admin/nodes?${query}`), { timeout: WAIT_MS }).toEqual([429, '2']);
      expect(await refused(`/trpc/nodes.list?input=${input}`)).toEqual([429, '2']);
      const short = edge.fetch('/admin/nodes?tenant_id=acme&sort=live&status=active');
      await expect.poll(() => held.size, { timeout: WAIT_MS }).toBe(3);
      const free = setInterval(() => {
        for (const end of held) end();
      }, 10);
      const answers = await within('the lists', Promise.all([short, ...begun]), WAIT_MS);
      clearInterval(free);
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    },
  );
});

describe('many log pages at once', () => {
  test('in one batch are refused once their total size is too large', { timeout: 2 * WAIT_MS }, async () => {
    const edge = await start();
    const id = await nodeWithLines(edge, 300);
    const names = Array.from({ length: 5 }, () => 'nodes.logs').join(',');
    const input = Object.fromEntries([0, 1, 2, 3, 4].map((n) => [n, { json: { nodeId: id, tail: 10_000 } }]));
    const path = `/trpc/${names}?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`;
    const answers = (await (await edge.fetch(path)).json()) as { error?: unknown }[];
    expect(answers.map(({ error }) => error === undefined)).toEqual([true, true, false, false, false]);
    expect(JSON.stringify(answers[2]?.error)).toContain('too large together');
    expect((await edge.fetch(`/trpc/nodes.list`)).status).toBe(200);
  });

  test(
    'that nobody reads are limited for each token, and freed afterwards',
    { timeout: 2 * WAIT_MS },
    async () => {
      const edge = await start();
      const id = await nodeWithLines(edge, 300);
      const path = `/admin/nodes/${id}/logs?tail=10000`;
      const input = encodeURIComponent(JSON.stringify({ json: { nodeId: id, tail: 1 } }));
      const held = await Promise.all(Array.from({ length: 32 }, () => begin(edge.url + path)));
      expect(held.every(({ statusCode }) => statusCode === 200)).toBe(true);
      for (const refused of [path, `/trpc/nodes.logs?input=${input}`]) {
        const answer = await edge.fetch(refused);
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
      }
      const { token } = await edge.access.tokens.create(ADMIN, { name: 'other', scopes: ['read'] });
      const headers = { 'X-Admin-Token': token };
      expect((await fetch(`${edge.url}/admin/nodes/${id}/logs?tail=1`, { headers })).status).toBe(200);
      for (const answer of held) answer.destroy();
      const again = async () => (await edge.fetch(`/admin/nodes/${id}/logs?tail=1`)).status;
      await expect.poll(again, { timeout: WAIT_MS }).toBe(200);
    },
  );

  test("on one socket are read at its client's pace", { timeout: 2 * WAIT_MS }, async () => {
    const edge = await start({ bufferMaxBytes: 64 * 1024 });
    const id = await nodeWithLines(edge, 100);
    let reads = 0;
    const read = edge.store.read.bind(edge.store);
    edge.store.read = (...asked) => {
      reads += 1;
      return read(...asked);
    };
    const pages = 30;
    const socket = new WebSocket(`${edge.url.replace('http', 'ws')}/trpc`, { headers: TOKEN });
    open.push({ close: () => socket.terminate() });
    await new Promise((resolve) => socket.once('open', resolve));
    let answers = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('message', () => ((answers += 1) === pages ? resolve() : undefined));
    });
    socket.pause();
    socket.send(JSON.stringify(Array.from({ length: pages }, (_, number) => logsCall(number + 1, id))));
    await expect.poll(() => reads, { timeout: WAIT_MS }).toBeGreaterThan(0);
    for (let number = 0; number < 200; number += 1) await fetch(`${edge.url}/healthz`);
    // One read makes a page.
    expect(reads).toBeLessThan(pages);
    socket.resume();
    await within('all pages', all, WAIT_MS);
    expect(reads).toBeGreaterThanOrEqual(pages);
  });
});

describe('searches whose responses nobody reads', () => {
  test('leave room for the searches of others, and are cut off', { timeout: 2 * WAIT_MS }, async () => {
    const edge = await start({ searchReadWithinMs: 5_000 });
    const id = await nodeWithLines(edge, 900);
    const path = `/admin/logs/search?node_id=${id}&q=x&limit=1000`;
    const { token } = await edge.access.tokens.create(ADMIN, { name: 'other', scopes: ['read'] });
    const begun = await Promise.all([1, 2, 3, 4].map(() => begin(edge.url + path)));
    const fifth = await edge.fetch(path);
    expect(fifth.status).toBe(429);
    expect(fifth.headers.get('retry-after')).toBe('2');
    const headers = { 'X-Admin-Token': token };
    const others = await fetch(`${edge.url}/admin/logs/search?node_id=${id}&limit=1`, { headers });
    expect(others.status).toBe(200);
    const later = async () => (await edge.fetch(`${path.replace('1000', '1')}`)).status;
    await expect.poll(later, { timeout: WAIT_MS, interval: 500 }).toBe(200);
    /** One was cut off, or there would be no room; the others may be read before it is their turn. */
    expect(await within('the ends', Promise.all(begun.map(isWhole)), WAIT_MS)).toContain(false);
  });
});

/** An answer of which nothing is read yet. */
function begin(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers: TOKEN, agent: false }).on('response', resolve).on('error', reject).end();
  });
}

function isWhole(answer: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    answer.on('error', () => undefined);
    answer.on('close', () => resolve(answer.complete)).resume();
  });
}

describe('sockets that prove nothing', () => {
  test('of one address do not keep others from signing in, however many they are', async () => {
    const edge = await start({ trustedProxies: ['127.0.0.1'] });
    const greet = async (address: string): Promise<number> => {
      const url = `${edge.url.replace('http', 'ws')}/trpc?connectionParams=1`;
      const socket = new WebSocket(url, { headers: { 'X-Forwarded-For': address } });
      open.push({ close: () => socket.terminate() });
      socket.on('error', () => undefined);
      return new Promise((resolve) => {
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      });
    };
    const seen = await Promise.all(Array.from({ length: 150 }, () => greet('192.0.2.1')));
    expect(seen.filter((status) => status === 101)).toHaveLength(100);
    expect(seen.filter((status) => status === 503)).toHaveLength(50);
    expect(await greet('192.0.2.2')).toBe(101);
  });
});
