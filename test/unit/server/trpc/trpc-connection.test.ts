import type { IncomingMessage } from 'node:http';
import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { LogRecord } from '@launchlog/server/log/log-record';
import type { FeedBatch, FeedItem, FeedSink } from '@launchlog/server/feed/feed-item';
import type { LogFeed } from '@launchlog/server/feed/log-feed';
import { createLogger } from '@launchlog/server/logger';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { WsAdapterConnection } from '@launchlog/server/trpc/ws-adapter-connection';
import { TrpcConnection } from '@launchlog/server/trpc/trpc-connection';
import { readFrames, RecordingSocket, settle } from '../../../support/client/recorded-socket.js';
import { sampleNode } from '../../../support/sample/sample-node.js';

const EPOCH = '0123456789abcdef';
const node = sampleNode();
const principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;

function entry(seq: number, message: string, rest: object = {}): FeedItem {
  const json = JSON.stringify({
    message,
    seq,
    timestamp: '2026-01-01T00:00:00.000Z',
    source: 'vllm',
    phase: 'model_loading',
    level: 'info',
    ...rest,
  });
  return { kind: 'log', cursor: `${EPOCH}:${seq}`, record: new LogRecord({ epoch: EPOCH, seq }, json) };
}

const STATUS = {
  phase: 'model_loading',
  progress: 71,
  message: 'Loading "weights" \u2028 ü 你好 \ud83d\ude00',
} as const;
const BATCHES: readonly FeedBatch[] = [
  [
    { kind: 'status', cursor: `${EPOCH}:0`, status: STATUS },
    { kind: 'reset', cursor: `${EPOCH}:0`, reset: { reason: 'cleared', epoch: EPOCH } },
  ],
  [
    { kind: 'gap', cursor: `${EPOCH}:2`, gap: { from_seq: 1, to_seq: 2, reason: 'trimmed' } },
    entry(3, 'short'),
    { ...entry(4, 'with a status', { progress: 71 }), status: STATUS } as FeedItem,
  ],
  [entry(5, 'x'.repeat(200)), entry(6, 'ü'.repeat(40_000), { details: { 'a b': 1.5, price: -0.25 } })],
  [entry(7, '\u0000 "quotes" \\ \r\n \ud800 lone surrogate', { level: 'error' })],
  [{ kind: 'notice', cursor: `${EPOCH}:7`, notice: { code: 'log_store_unavailable', message: 'away' } }],
  [
    {
      kind: 'done',
      cursor: `${EPOCH}:8:done`,
      final: true,
      done: { status: 'failed', reason: 'quota', message: 'no' },
    },
  ],
];

/** A feed that sends every reader the same and is done. */
const feed = {
  attach({ sink }: { sink: FeedSink }) {
    queueMicrotask(() => {
      for (const batch of BATCHES) sink.push(batch);
      sink.end('done');
    });
    return { isLive: true, resume: () => undefined, close: () => undefined };
  },
  async *follow() {
    yield* BATCHES;
  },
} as unknown as LogFeed;

const services = {
  launches: {
    get: (_by: unknown, id: string) =>
      id === node.id ? Promise.resolve(node) : Promise.reject(new Error('no')),
  },
  feed,
} as unknown as Parameters<typeof createAppRouter>[0];
const router = createAppRouter(services);
const authenticator = {
  meter: () => Promise.resolve(),
  authorize: () => undefined,
  runHeavyRead: <Result>(_principal: unknown, read: () => Promise<Result>) => read(),
};
const logger = createLogger('silent');
const request = { url: '/trpc', headers: {} } as IncomingMessage;

/** What tRPC's own handler sends. */
async function stockMessages(messages: readonly unknown[]): Promise<string[]> {
  const socket = new RecordingSocket();
  const stock = new WsAdapterConnection({
    router,
    principal,
    socket: socket as unknown as WebSocket,
    request,
    logger,
    authenticator,
    subscriber: {
      drained: () => Promise.resolve(),
      askToReconnect: () => {},
      enter: () => () => {},
      progress: () => 0,
    },
    send: (message) => socket.send(String(message)),
  });
  for (const message of messages) {
    stock.receive(Buffer.from(JSON.stringify(message)));
    await settle();
  }
  return socket.messages;
}

function connect(socket: RecordingSocket, { wire, feed }: { wire: Duplex; feed: LogFeed }): TrpcConnection {
  return new TrpcConnection({
    socket: socket as unknown as WebSocket,
    connection: wire,
    request,
    principal,
    services: { router, feed, logger, authenticator, subscriptionsMax: 10, windowBytes: 1e9 },
  });
}

/** What ours sends, the frames read back. */
async function ourMessages(messages: readonly unknown[]): Promise<string[]> {
  const socket = new RecordingSocket();
  const wire = new PassThrough({ highWaterMark: 1e9 });
  wire.on('data', (bytes: Buffer) => socket.messages.push(...readFrames(bytes)));
  const connection = connect(socket, { wire, feed });
  for (const message of messages) {
    connection.receive(Buffer.from(JSON.stringify(message)));
    await settle();
  }
  return socket.messages;
}

const subscribe = (id: number | string, input: unknown, rest: object = {}) => ({
  id,
  method: 'subscription',
  params: { path: 'nodes.logsStream', input: { json: input }, ...rest },
});

describe('a log stream on a socket is, byte for byte, what tRPC itself would send', () => {
  test.each([
    ['a stream from the status to done', [subscribe(1, { nodeId: node.id })]],
    ['a text for an id', [subscribe('a"b', { nodeId: node.id })]],
    ['a JSON-RPC client', [{ ...subscribe(7, { nodeId: node.id }), jsonrpc: '2.0' }]],
    ['a resumed stream', [subscribe(2, { nodeId: node.id }, { lastEventId: `${EPOCH}:2` })]],
    ['an input that is wrong', [subscribe(3, { nodeId: 'x', tail: 0 })]],
    ['an unknown field', [subscribe(3, { nodeId: node.id, tial: 1 })]],
    ['no input', [{ id: 4, method: 'subscription', params: { path: 'nodes.logsStream' } }]],
    ['an unknown node', [subscribe(5, { nodeId: '00000000-0000-4000-8000-000000000000' })]],
    ['a last id that is no cursor', [subscribe(6, { nodeId: node.id }, { lastEventId: 'x' })]],
    [
      'a type of superjson',
      [
        {
          ...subscribe(8, {}),
          params: { path: 'nodes.logsStream', input: { json: 1, meta: { values: ['Date'] } } },
        },
      ],
    ],
    ['an unknown procedure', [{ id: 9, method: 'query', params: { path: 'nodes.nothing' } }]],
    [
      'a query',
      [{ id: 10, method: 'query', params: { path: 'nodes.get', input: { json: { id: node.id } } } }],
    ],
    ['a query of what is a stream', [{ ...subscribe(11, { nodeId: node.id }), method: 'query' }]],
    ['a subscription to nothing', [{ ...subscribe(12, {}), params: { path: 'nodes.nothing' } }]],
    [
      'a subscription to a query',
      [{ ...subscribe(13, {}), params: { path: 'nodes.get', input: { json: { id: node.id } } } }],
    ],
    [
      'a subscription that tRPC serves',
      [{ ...subscribe(14, {}), params: { path: 'nodes.events', input: { json: { nodeId: 'x' } } } }],
    ],
    ['a message with id null', [{ ...subscribe(1, {}), id: null }]],
    ['a message without an id', [{ ...subscribe(1, {}), id: undefined }]],
    [
      'a call that goes on after a stream was stopped',
      [subscribe(1, { nodeId: node.id }), { id: 1, method: 'subscription.stop' }],
    ],
    ['a message without a method', [{ id: 1 }]],
    ['two streams at once', [[subscribe(1, { nodeId: node.id }), subscribe(2, { nodeId: node.id })]]],
    ['two streams with one id', [[subscribe(1, { nodeId: node.id }), subscribe(1, { nodeId: node.id })]]],
    ['a stop of nothing', [{ id: 1, method: 'subscription.stop' }]],
  ])('%s', async (_, messages) => {
    const expected = await stockMessages(messages);
    const sent = await ourMessages(messages);
    // The order between two streams at once is not promised; the order within each is.
    const streams = (texts: string[]) => texts.map((text) => /^\{"id":[^,]*/.exec(text)?.[0] ?? '');
    const byStream = (texts: string[]) =>
      streams(texts)
        .toSorted()
        .map((stream) => texts.filter((text) => text.startsWith(stream)));
    expect(byStream(sent)).toEqual(byStream(expected));
  });

  test('the comparison sees every kind of event', async () => {
    const text = (await stockMessages([subscribe(1, { nodeId: node.id })])).join('\n');
    for (const type of ['log', 'status', 'gap', 'reset', 'notice', 'done']) {
      expect(text).toContain(`"data":{"type":"${type}"`);
    }
    expect(text).toContain('"type":"started"');
    expect(text).toContain('"type":"stopped"');
  });
});

test('while a socket has several streams, what they send in one delivery leaves in one call', async () => {
  const sinks: FeedSink[] = [];
  const silent = {
    attach({ sink }: { sink: FeedSink }) {
      sinks.push(sink);
      return { isLive: true, resume: () => undefined, close: () => undefined };
    },
  } as unknown as LogFeed;
  const { wire, calls } = countedCalls();
  const connection = connect(new RecordingSocket(), { wire, feed: silent });
  const send = async (message: object): Promise<void> => {
    connection.receive(Buffer.from(JSON.stringify(message)));
    await settle();
  };
  const deliver = async (): Promise<number> => {
    calls.length = 0;
    for (const sink of sinks) sink.push([entry(1, 'a line')]);
    await settle();
    return calls.length;
  };
  await send(subscribe(1, { nodeId: node.id }));
  await send(subscribe(2, { nodeId: node.id }));
  expect(await deliver()).toBe(1);
  expect(calls[0]).toBe(2);
  await send({ id: 1, method: 'subscription.stop' });
  expect(await deliver()).toBe(2);
});

/** A connection, and how many writes reach what lies below it in each call. */
function countedCalls() {
  const calls: number[] = [];
  const wire = new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, done) {
      calls.push(1);
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.length);
      done();
    },
  });
  return { wire, calls };
}
