import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { createLogger } from '@launchlog/server/logger';
import { OutputParts } from '@launchlog/server/trpc/output/output-parts';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { TrpcConnection } from '@launchlog/server/trpc/trpc-connection';
import { TrpcHttp } from '@launchlog/server/trpc/trpc-http';
import { heavyWork } from '@launchlog/server/wait/fair-turns';
import { readFrames, RecordingSocket } from '../../../support/client/recorded-socket.js';
import { FakeLogStore } from '../../../support/fake/fake-log-store.js';
import { sampleNode } from '../../../support/sample/sample-node.js';

const LINES = 1_200;
const node = sampleNode();
const store = new FakeLogStore();
const principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const authenticator = {
  authenticate: () => Promise.resolve(principal),
  meter: () => Promise.resolve(),
  authorize: () => undefined,
  runHeavyRead: <Result>(_: unknown, read: () => Promise<Result>) => read(),
} as never;
const logger = createLogger('silent');
const router = createAppRouter({
  launches: {
    get: (_: unknown, id: string) =>
      id === node.id ? Promise.resolve(node) : Promise.reject(new Error('no')),
    list: () => Promise.resolve({ nodes: Array.from({ length: 400 }, () => sampleNode()), nextCursor: 'c' }),
  },
  logs: store,
} as unknown as Parameters<typeof createAppRouter>[0]);

beforeAll(async () => {
  await store.claim(node.id, 1);
  // In the order of our own writer, so that most of them are plain lines.
  const line = (seq: number, message: string, rest: object = {}) =>
    JSON.stringify({
      seq,
      timestamp: '2026-01-01T00:00:00.000Z',
      level: 'info',
      message,
      phase: 'installing',
      source: 'vllm',
      ...rest,
    });
  const lines = Array.from({ length: LINES }, (_, index) => {
    const message = `${index + 1} é "q" \u2028 ${'x'.repeat(index % 100 === 0 ? 60_000 : 10)}`;
    return line(index + 1, message, index % 7 === 0 ? { details: { price: 1.5 } } : {});
  });
  // One that JSON writes in another way, and one that superjson describes.
  lines[5] = line(6, 'x').replace('"x"', '"\\u0078\\/"');
  lines[0] = line(1, 'x', { details: { n: 0 } }).replace('"n":0', '"n":-0');
  const batch = {
    nodeId: node.id,
    attempt: 1,
    epoch: store.epoch ?? '',
    firstSeq: 1,
    lines,
    terminal: false,
  };
  await store.append(batch);
});
afterEach(() => void vi.restoreAllMocks());

const PAGE = { path: 'nodes.logs', input: { nodeId: node.id, tail: LINES - 1 } };
/** It has a value that superjson describes. */
const ODD_PAGE = { path: 'nodes.logs', input: { nodeId: node.id, tail: LINES } };
const FOUND_PAGE = { path: 'nodes.logs', input: { nodeId: node.id, tail: 400, q: '7' } };
const SMALL_PAGE = { path: 'nodes.logs', input: { nodeId: node.id, tail: 3 } };
const LIST = { path: 'nodes.list', input: { limit: 500 } };
const NODE = { path: 'nodes.get', input: { id: node.id } };
const REFUSED = { path: 'nodes.logs', input: { nodeId: node.id, tail: 0 } };
const UNKNOWN = { path: 'nodes.logs', input: { nodeId: 'unknown' } };
interface Call {
  readonly path: string;
  readonly input: object;
}

/** A response that keeps what it was given, piece by piece. */
class KeptResponse extends PassThrough {
  status = 0;
  headers: Record<string, unknown> = {};
  headersSent = false;
  readonly pieces: Buffer[] = [];

  constructor() {
    super();
    this.on('data', (piece: Buffer) => this.pieces.push(piece));
  }

  writeHead(status: number, headers: Record<string, unknown>): this {
    this.status = status;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.headersSent = true;
    return this;
  }

  getHeader(): undefined {}
}

function urlOf(calls: readonly Call[], isBatch: boolean): string {
  const inputs = Object.fromEntries(calls.map(({ input }, index) => [index, { json: input }]));
  const input = encodeURIComponent(JSON.stringify(isBatch ? inputs : inputs[0]));
  return `/trpc/${calls.map(({ path }) => path).join(',')}?${isBatch ? 'batch=1&' : ''}input=${input}`;
}

async function ourAnswer(url: string, headers: Record<string, string>): Promise<KeptResponse> {
  const pageAnswers = { take: () => undefined } as never;
  const http = new TrpcHttp({ router, authenticator, logger, bodyMaxBytes: 1_000, pageAnswers });
  const incoming = Object.assign(Readable.from([]), {
    method: 'GET',
    url,
    headers,
    rawHeaders: [],
    socket: {},
  });
  const response = new KeptResponse();
  await http.handle(
    incoming as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    '192.0.2.1',
  );
  return response;
}

/** What tRPC alone answers. */
function stockAnswer(url: string, headers: Record<string, string>): Promise<Response> {
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: new Request(`http://localhost${url}`, { headers }),
    router,
    createContext: () => ({ principal, authorize: () => undefined }),
  });
}

describe('an answer over HTTP is, byte for byte, what tRPC itself would send', () => {
  test.each<[string, readonly Call[], boolean]>([
    ['a large page', [PAGE], false],
    ['a small page', [SMALL_PAGE], false],
    ['a page of what matches', [FOUND_PAGE], false],
    ['a page with a value of superjson', [ODD_PAGE], false],
    ['a large list', [LIST], false],
    ['what has no list of its own', [NODE], false],
    ['a refusal', [REFUSED], false],
    ['a failure', [UNKNOWN], false],
    ['a batch of one', [PAGE], true],
    ['a batch', [PAGE, REFUSED, NODE, PAGE, SMALL_PAGE, LIST, UNKNOWN], true],
  ])('%s', async (_, calls, isBatch) => {
    const url = urlOf(calls, isBatch);
    const expected = await stockAnswer(url, {});
    const answer = await ourAnswer(url, {});
    const body = Buffer.concat(answer.pieces);
    expect(body.toString()).toBe(await expected.text());
    expect([answer.status, answer.headers['content-length']]).toEqual([expected.status, body.length]);
    expect(answer.headers['content-type']).toBe(expected.headers.get('content-type'));
  });

  test.each<[string, readonly Call[]]>([
    ['of one large page', [PAGE]],
    ['of many calls', [PAGE, REFUSED, NODE, PAGE, LIST]],
  ])('a batch as a stream, %s', async (_, calls) => {
    const headers = { 'trpc-accept': 'application/jsonl' };
    const url = urlOf(calls, true);
    const expected = await stockAnswer(url, headers);
    const answer = await ourAnswer(url, headers);
    // Calls end in any order, and with it the numbers of their lines.
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.replace(/^\{"json":\[\d+,/, '').replace(/("(?:data|result)",0),\d+/, '$1'));
    const sent = lines(Buffer.concat(answer.pieces).toString());
    expect(sent.toSorted()).toEqual(lines(await expected.text()).toSorted());
    expect(answer.headers['content-length']).toBeUndefined();
  });
});

interface Message {
  readonly id: number | string;
  readonly jsonrpc?: '2.0';
}
const query = (message: Message, { path, input }: Call) => ({
  ...message,
  method: 'query',
  params: { path, input: { json: input } },
});

/** What tRPC alone sends for these messages. */
async function stockMessages(messages: readonly object[]): Promise<string[]> {
  const socket = new RecordingSocket();
  const handler = getWSConnectionHandler({
    wss: undefined as never,
    router,
    createContext: () => ({ principal, authorize: () => undefined }),
  });
  handler(socket as unknown as WebSocket, { url: '/trpc', headers: {} } as IncomingMessage);
  for (const message of messages) socket.emit('message', Buffer.from(JSON.stringify(message)), false);
  await expect.poll(() => socket.messages.length).toBe(messages.length);
  return socket.messages;
}

/** What a connection of ours writes for them. */
async function ourMessages(messages: readonly object[]): Promise<string[]> {
  const wire = new PassThrough({ highWaterMark: 1e9 });
  const connection = new TrpcConnection({
    socket: new RecordingSocket() as unknown as WebSocket,
    connection: wire,
    request: { url: '/trpc', headers: {} } as IncomingMessage,
    principal,
    services: { router, feed: {} as never, logger, authenticator, subscriptionsMax: 10, windowBytes: 1e9 },
  });
  const written: Buffer[] = [];
  wire.on('data', (bytes: Buffer) => written.push(bytes));
  for (const message of messages) connection.receive(Buffer.from(JSON.stringify(message)));
  const sent = () => readFrames(Buffer.concat(written));
  await expect.poll(() => sent().length).toBe(messages.length);
  return sent();
}

test('an answer over a WebSocket is, byte for byte, what tRPC itself would send', async () => {
  const messages = [
    query({ id: 1 }, PAGE),
    query({ id: 'a"b' }, SMALL_PAGE),
    query({ id: 3, jsonrpc: '2.0' }, PAGE),
    query({ id: 4 }, LIST),
    query({ id: 5 }, NODE),
    query({ id: 6 }, REFUSED),
    query({ id: 7 }, UNKNOWN),
  ];
  expect((await ourMessages(messages)).toSorted()).toEqual((await stockMessages(messages)).toSorted());
});

describe('a large answer is made in turns of the event loop', () => {
  const SLICES = Math.ceil(LINES / 256);

  test('over HTTP, and written in pieces', async () => {
    const turn = vi.spyOn(heavyWork, 'turn');
    const { pieces } = await ourAnswer(urlOf([PAGE], false), {});
    // The page is read in slices, and rendered in at least as many pieces.
    expect(turn.mock.calls.length).toBeGreaterThanOrEqual(SLICES + SLICES - 1);
    for (const piece of pieces) expect(piece.length).toBeLessThan(512 * 1024);
  });

  test('of any procedure', async () => {
    const turn = vi.spyOn(heavyWork, 'turn');
    await ourAnswer(urlOf([LIST], false), {});
    expect(turn.mock.calls.length).toBeGreaterThanOrEqual(1);
  });

  test('page after page', async () => {
    const hold = vi.spyOn(OutputParts.prototype, 'hold');
    const pages = () =>
      hold.mock.calls.filter(([output]) => Array.isArray((output as { logs: unknown }).logs));
    const renderingAtRead: boolean[] = [];
    const read = store.read.bind(store);
    vi.spyOn(store, 'read').mockImplementation((id, range) => {
      const last = hold.mock.calls.lastIndexOf(pages().at(-1) ?? [undefined]);
      renderingAtRead.push(hold.mock.settledResults[last]?.type === 'incomplete');
      return read(id, range);
    });
    await ourAnswer(urlOf([PAGE, PAGE], true), {});
    expect([pages().length, new Set(renderingAtRead)]).toEqual([2, new Set([false])]);
  });

  test('over a WebSocket', async () => {
    const turn = vi.spyOn(heavyWork, 'turn');
    await ourMessages([query({ id: 1 }, PAGE)]);
    expect(turn.mock.calls.length).toBeGreaterThanOrEqual(SLICES + SLICES - 1);
  });
});
