import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { codeOf, OpenedSockets } from '../../support/client/opened-sockets.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN, type ServerEdge } from '../../support/server/server-edge.js';

const TOKEN = { 'X-Admin-Token': ADMIN_TOKEN };
const LIST = JSON.stringify({ id: 1, method: 'query', params: { path: 'nodes.list' } });
const opened = new OpenedSockets();
const { start, connect, open } = opened;

afterEach(() => opened.close());

/** The status with which an upgrade is refused. */
async function refusal(edge: ServerEdge, path: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(`${edge.url.replace('http', 'ws')}${path}`, options);
  socket.on('error', () => undefined);
  open.push({ close: () => socket.terminate() });
  return new Promise((resolve) => {
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('open', () => resolve(101));
  });
}

describe('an upgrade', () => {
  test('is refused without a proof, with a wrong one, and for a foreign page even with the right one', async () => {
    const edge = await start();
    expect(await refusal(edge, '/trpc')).toBe(401);
    expect(await refusal(edge, `/trpc?token=${ADMIN_TOKEN}`)).toBe(401);
    expect(await refusal(edge, '/trpc', { headers: { 'X-Admin-Token': 'wrong' } })).toBe(401);
    expect(await refusal(edge, '/trpc?connectionParams=1', { headers: { 'X-Admin-Token': 'wrong' } })).toBe(
      401,
    );
    expect(await refusal(edge, '/trpc', { headers: TOKEN, origin: 'https://evil.example' })).toBe(403);
    expect(await refusal(edge, '/trpc?connectionParams=1', { origin: 'https://evil.example' })).toBe(403);
    expect(await refusal(edge, '/trpc?connectionParams=1', { origin: 'null' })).toBe(403);
    expect(await refusal(edge, '/trpc', { headers: TOKEN, origin: edge.url })).toBe(101);
    expect(await refusal(edge, '/trpc', { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } })).toBe(101);
  });

  test('with the console cookie needs our own Origin', async () => {
    const edge = await start();
    const signedIn = await fetch(`${edge.url}/session`, {
      method: 'POST',
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(await refusal(edge, '/trpc', { headers: { cookie } })).toBe(403);
    expect(await refusal(edge, '/trpc', { headers: { cookie }, origin: edge.url })).toBe(101);
  });

  test('with a ticket reads the log of that node and nothing else', async () => {
    const edge = await start();
    const node = edge.launches.add();
    const other = edge.launches.add();
    const response = await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' });
    const { ticket } = (await response.json()) as { ticket: string };
    const { socket, messages } = await connect(edge, `/trpc?ticket=${ticket}`);
    const subscribe = (id: number, nodeId: string) =>
      JSON.stringify({
        id,
        method: 'subscription',
        params: { path: 'nodes.logsStream', input: { json: { nodeId } } },
      });
    socket.send(LIST);
    await expect.poll(() => codeOf(messages.find((text) => text.includes('"id":1,')))).toBe('forbidden');
    socket.send(subscribe(2, other.id));
    await expect
      .poll(() => codeOf(messages.find((text) => text.includes('"id":2,"error'))))
      .toBe('node_not_found');
    socket.send(subscribe(3, node.id));
    await expect
      .poll(() => messages.some((text) => text.startsWith('{"id":3,"result":{"type":"data"')))
      .toBe(true);
    for (const input of [{ nodeId: other.id }, { nodeId: node.id.toUpperCase() }]) {
      socket.send(
        JSON.stringify({ id: 4, method: 'query', params: { path: 'nodes.logs', input: { json: input } } }),
      );
    }
    await expect.poll(() => messages.filter((text) => text.startsWith('{"id":4,')).length).toBe(2);
    const answers = messages.filter((text) => text.startsWith('{"id":4,'));
    expect(answers.filter((text) => codeOf(text) === 'node_not_found')).toHaveLength(1);
  });
});

describe('an authenticated socket', () => {
  test('closes on binary data, on a message beyond the limit, and on a malformed frame; the server keeps answering', async () => {
    const edge = await start();
    const binary = await connect(edge, '/trpc', { headers: TOKEN });
    binary.socket.send(Buffer.from([1, 2, 3]));
    expect(await binary.closed).toBe(1003);
    const large = await connect(edge, '/trpc', { headers: TOKEN });
    large.socket.send('x'.repeat(300 * 1024));
    expect(await large.closed).toBe(1009);
    const broken = await connect(edge, '/trpc', { headers: TOKEN });
    (broken.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]),
    );
    expect(await broken.closed).toBe(1007);
    expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
  });

  test('answers JSON that is no tRPC with an error and stays open', async () => {
    const edge = await start();
    const { socket, messages } = await connect(edge, '/trpc', { headers: TOKEN });
    const odd = [
      '{',
      '[]',
      '1',
      'null',
      '{"id":1}',
      '{"id":{},"method":"query"}',
      '[[[]]]',
      '"PING"',
      `${'['.repeat(50_000)}`,
    ];
    for (const text of odd) socket.send(text);
    socket.send('PING');
    socket.send(LIST);
    await expect.poll(() => messages.at(-1) ?? '').toContain('"nodes":[]');
    expect(messages).toContain('PONG');
    expect(messages.filter((text) => text.includes('"stack"'))).toEqual([]);
  });

  test('may not name a typed array of a hundred million numbers', async () => {
    const edge = await start();
    const { socket, messages } = await connect(edge, '/trpc', { headers: TOKEN });
    const before = process.memoryUsage().arrayBuffers;
    const input = { json: 1e8, meta: { values: [['typed-array', 'Float64Array']] } };
    for (const [id, path, method] of [
      [1, 'nodes.get', 'query'],
      [2, 'nodes.logsStream', 'subscription'],
    ]) {
      socket.send(JSON.stringify({ id, method, params: { path, input } }));
    }
    await expect.poll(() => messages.length).toBe(2);
    expect(messages.map(codeOf)).toEqual(['invalid_request', 'invalid_request']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });

  test('may not open subscriptions without end with one frame', async () => {
    const edge = await start({ subscriptionsMax: 10 });
    const node = edge.launches.add();
    const { socket, messages } = await connect(edge, '/trpc', { headers: TOKEN });
    const input = { json: { nodeId: node.id } };
    const many = Array.from({ length: 400 }, (_, id) => ({
      id: id + 1,
      method: 'subscription',
      params: { path: 'nodes.logsStream', input },
    }));
    socket.send(JSON.stringify(many));
    await expect.poll(() => messages.filter((text) => codeOf(text) === 'rate_limited').length).toBe(390);
    expect(edge.trpc.streams).toBe(10);
  });

  test('is closed when it sends more messages a minute than its limit', async () => {
    const edge = await start({ messagesPerMinute: 50 });
    const { socket, closed } = await connect(edge, '/trpc', { headers: TOKEN });
    for (let number = 0; number < 60; number += 1) socket.send('PING');
    expect(await closed).toBe(1008);
  });

  test('that answers no ping is ended', async () => {
    const edge = await start({ heartbeatMs: 100 });
    const { closed } = await connect(edge, '/trpc', { headers: TOKEN, autoPong: false });
    expect(await closed).toBe(1006);
    await expect.poll(() => edge.trpc.sockets).toBe(0);
  });

  test('that reads nothing costs a bounded amount, holds up nobody, and has all of it when it reads again', async () => {
    const edge = await start({ bufferMaxBytes: 64 * 1024 });
    const node = edge.launches.add();
    const writer = await edge.writer(node);
    open.push(writer);
    const subscribe = JSON.stringify({
      id: 1,
      method: 'subscription',
      params: { path: 'nodes.logsStream', input: { json: { nodeId: node.id } } },
    });
    const [slow, quick] = await Promise.all([
      connect(edge, '/trpc', { headers: TOKEN }),
      connect(edge, '/trpc', { headers: TOKEN }),
    ]);
    for (const { socket } of [slow, quick]) socket.send(subscribe);
    await expect.poll(() => edge.feed.counts.readers).toBe(2);
    await expect.poll(() => slow.messages.length).toBeGreaterThan(1);
    slow.socket.pause();
    const lines = 4_000;
    const filler = 'x'.repeat(2_000);
    for (let number = 1; number <= lines; number += 1) {
      writeLine(writer, `${number} ${filler}`, { phase: 'queued', source: 'skypilot' });
      if (number % 200 === 0) await writer.flush();
    }
    const logs = ({ messages }: { readonly messages: readonly string[] }) =>
      messages.filter((text) => text.includes('"type":"log"'));
    await expect.poll(() => logs(quick).length).toBe(lines);
    expect(logs(slow).length).toBeLessThan(lines / 4);
    slow.socket.resume();
    await expect.poll(() => logs(slow).length).toBe(lines);
    expect(logs(slow)).toEqual(logs(quick));
  });
});
