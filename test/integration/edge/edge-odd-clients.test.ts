import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import { heavyWork } from '@launchlog/server/wait/fair-turns';
import { SseReader } from '../../support/client/server-sse-reader.js';
import { stockSocketClient, StockStream } from '../../support/client/server-trpc-client.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

const NAMED = 'https://console.example.org';
const TOKEN = { 'X-Admin-Token': ADMIN_TOKEN };
const LINE = { phase: 'installing', source: 'instance' } as const;
/** What Go's bufio.Scanner reads at most of one line, its end included. */
const SCANNER_MAX_BYTES = 64 * 1024;
let edge: ServerEdge;

beforeAll(async () => {
  edge = await ServerEdge.start({ allowedOrigins: [NAMED] });
});
afterAll(() => edge.close());

describe('a stream with tail=0 has only what is new', () => {
  test.each(['', '&level=info'])('over SSE%s', async (filter) => {
    const { writer, path } = await edge.nodeWithLog(3);
    const reader = await SseReader.open(`${edge.url}${path}?tail=0${filter}`, TOKEN);
    await reader.until(({ event }) => event === 'status');
    writeLine(writer, 'new', LINE);
    const frames = await reader.until(({ event }) => event === 'log');
    expect(frames.filter(({ event }) => event === 'log').map(({ id }) => id?.split(':')[1])).toEqual(['4']);
    reader.close();
  });

  test('over SSE of many nodes, and with follow=false nothing', async () => {
    const { writer, node } = await edge.nodeWithLog(3);
    const reader = await SseReader.open(`${edge.url}/admin/logs/stream?tail=0`, TOKEN);
    await reader.until(({ event, data }) => event === 'status' && data.includes(node.id));
    writeLine(writer, 'new', LINE);
    const frames = await reader.until(({ event }) => event === 'log');
    expect(frames.filter(({ event }) => event === 'log').map(({ data }) => JSON.parse(data))).toMatchObject([
      { node_id: node.id, seq: 4 },
    ]);
    reader.close();
    const response = await edge.fetch(`/admin/nodes/${node.id}/logs/stream?tail=0&follow=false`);
    const text = await response.text();
    expect(text).not.toContain('event: log');
    expect(text).toContain('event: done');
  });

  test('over tRPC and in the SDK', async () => {
    const { writer, node } = await edge.nodeWithLog(3);
    const stock = stockSocketClient({ url: edge.url });
    const stream = new StockStream(stock.trpc, { nodeId: node.id, tail: 0 });
    const client = createLaunchlogClient({ url: edge.url, token: ADMIN_TOKEN });
    const seqs: number[] = [];
    let begun = false;
    const following = (async () => {
      for await (const event of client.followLog(node.id, { tail: 0 })) {
        begun = true;
        if (event.type === 'log') return seqs.push(event.entry.seq);
      }
      return 0;
    })();
    await expect.poll(() => begun && stream.items.length > 0).toBe(true);
    writeLine(writer, 'new', LINE);
    await following;
    expect(seqs).toEqual([4]);
    const logs = () => stream.items.flatMap(({ data }) => (data.type === 'log' ? [data.entry.seq] : []));
    await expect.poll(logs).toEqual([4]);
    await client.close();
    await stock.close();
  });
});

describe('every line of an event stream', () => {
  test.each([
    ['ASCII', 'x'],
    ['what JSON escapes', '\u0001"'],
    ['three bytes a character', '界'],
    ['four bytes a character', '😀'],
    ['what we escape besides', '\u2028'],
  ])('is short enough for readers with 64 KiB, whatever the entry holds: %s', async (_, text) => {
    const { writer, node, path } = await edge.nodeWithLog(1);
    const details = { a: text.repeat(4_000), b: text.repeat(4_000) };
    writeLine(writer, text.repeat(70_000), { ...LINE, level: 'error', details });
    await writer.flush();
    const stream = await (await edge.fetch(`${path}?follow=false`)).text();
    const merged = await (await edge.fetch('/admin/logs/stream?follow=false&tail=10')).text();
    for (const whole of [stream, merged]) {
      const lines = whole.split('\n').filter((line) => line.includes('cut: '));
      expect(lines.length).toBeGreaterThanOrEqual(2);
      for (const line of lines) expect(Buffer.byteLength(`${line}\n`)).toBeLessThan(SCANNER_MAX_BYTES);
      for (const line of lines)
        expect(() => JSON.parse(line.slice('data: '.length)) as unknown).not.toThrow();
    }
    const { logs } = (await (await edge.fetch(`/admin/nodes/${node.id}/logs?tail=1`)).json()) as {
      logs: { message: string }[];
    };
    expect(logs[0]?.message).toContain('cut: ');
  });
});

test('a plain check by HTTP/1.0, which sends no Host, finds the server healthy', async () => {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(edge.url).port), '127.0.0.1', () => {
      socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    });
    let text = '';
    socket.setEncoding('utf8').on('data', (data: string) => (text += data));
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ['GET', '/admin/nodes//logs', 'node'],
  ['GET', '/admin/nodes//logs/stream', 'node'],
  ['POST', '/admin/nodes//terminate', 'node'],
  ['GET', '/admin/nodes/', 'node'],
  ['GET', '/admin/deployments//logs/stream', 'deployment'],
  ['DELETE', '/admin/tokens/', 'token'],
  ['POST', '/admin/notifications/deliveries//resend', 'delivery'],
])(
  '%s %s, as a script without its variable sends it, is answered that the id is empty',
  async (method, path, id) => {
    const response = await edge.fetch(path, { method });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'invalid_request', message: `the ${id} id in the path is empty` },
    });
  },
);

test('pages of a named origin may send what the stock clients send', async () => {
  const asked =
    'authorization,cache-control,content-type,last-event-id,trpc-accept,x-admin-token,x-trpc-source';
  const allowed = await new Promise<string>((resolve) => {
    const headers = {
      Origin: NAMED,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': asked,
    };
    request(`${edge.url}/trpc/nodes.list`, { method: 'OPTIONS', headers })
      .on('response', (incoming) => {
        resolve(String(incoming.resume().headers['access-control-allow-headers']).toLowerCase());
      })
      .end();
  });
  expect(asked.split(',').filter((name) => !allowed.split(', ').includes(name))).toEqual([]);
});

test('a large page of JSON is made in turns of the event loop, and is what a small one would be', async () => {
  const { node, writer } = await edge.nodeWithLog(0);
  for (let number = 1; number <= 600; number += 1)
    writeLine(writer, `${number} é\n${'x'.repeat(number % 100 === 0 ? 50_000 : 10)}`, LINE);
  await writer.flush();
  const turn = vi.spyOn(heavyWork, 'turn');
  const answer = await edge.fetch(`/admin/nodes/${node.id}/logs?tail=600`);
  const [text, turns] = [await answer.text(), turn.mock.calls.length];
  turn.mockRestore();
  const { logs, ...rest } = JSON.parse(text) as { logs: unknown[]; next_cursor: string };
  const cursor = expect.stringMatching(/^[0-9a-f]{16}:600$/) as string;
  expect(rest).toEqual({ node_id: node.id, count: 600, next_cursor: cursor });
  expect(text).toBe(JSON.stringify({ node_id: node.id, count: 600, logs, next_cursor: rest.next_cursor }));
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(logs.map((entry) => (entry as { seq: number }).seq)).toEqual(logs.map((_, index) => index + 1));
  // Three slices are read.
  expect(turns).toBeGreaterThanOrEqual(3 + 3);
});
