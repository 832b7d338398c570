import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { FeedSink } from '@launchlog/server/feed/feed-item';
import type { LogFeed } from '@launchlog/server/feed/log-feed';
import { createLogger } from '@launchlog/server/logger';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { TrpcConnection } from '@launchlog/server/trpc/trpc-connection';
import { readFrames, RecordingSocket, settle } from '../../../support/client/recorded-socket.js';
import { sampleNode } from '../../../support/sample/sample-node.js';

/** A feed whose streams never end, and what was attached and closed. */
function endlessFeed() {
  const seen = { attached: 0, closed: 0 };
  const sinks: FeedSink[] = [];
  const endless = {
    attach({ sink }: { sink: FeedSink }) {
      sinks.push(sink);
      seen.attached += 1;
      return { resume: () => undefined, close: () => void (seen.closed += 1) };
    },
  } as unknown as LogFeed;
  return { seen, endless, sinks };
}

const node = sampleNode();
const principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
/** How the node is found. */
let find = (): Promise<unknown> => Promise.resolve(node);
/** A subscription that tRPC's own adapter serves: it has no items, and lasts until it is stopped. */
async function* silence(_id: string, _cursor: unknown, signal: AbortSignal): AsyncGenerator<never, void> {
  yield* [];
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
async function* ended(): AsyncGenerator<never, void> {
  yield* [];
  await settle();
}
const router = createAppRouter({
  launches: { get: () => find() },
  events: { follow: silence },
  watch: { watch: () => ended() },
} as unknown as Parameters<typeof createAppRouter>[0]);

const subscribe = (id: number) => ({
  id,
  method: 'subscription',
  params: { path: 'nodes.logsStream', input: { json: { nodeId: node.id } } },
});

describe('subscriptions of one socket', () => {
  test('are limited, and one that was stopped makes room', async () => {
    const { seen, endless } = endlessFeed();
    const { connection, texts, send } = listenedConnection(endless);
    for (let id = 1; id <= 11; id += 1) await send(subscribe(id));
    expect(seen.attached).toBe(10);
    expect(connection.streams).toBe(10);
    expect(texts.at(-1)).toContain('a socket may have 10 subscriptions at once');
    await send({ id: 1, method: 'subscription.stop' });
    expect(texts.at(-1)).toContain('{"id":1,"result":{"type":"stopped"}}');
    await send(subscribe(12));
    expect(seen).toEqual({ attached: 11, closed: 1 });
  });

  test.each([
    ['found', () => Promise.resolve(node)],
    ['not found', () => Promise.reject(new Error('no'))],
  ])('that are stopped before their node is %s send nothing more', async (_, answer) => {
    const { seen, endless } = endlessFeed();
    const { texts, send } = listenedConnection(endless);
    let settleNode = (): void => undefined;
    find = () =>
      new Promise((resolve, reject) => {
        settleNode = () => void answer().then(resolve, reject);
      });
    await send(subscribe(1));
    await send({ id: 1, method: 'subscription.stop' });
    const before = [...texts];
    settleNode();
    await settle();
    find = () => Promise.resolve(node);
    expect(before.at(-1)).toContain('"stopped"');
    expect(texts).toEqual(before);
    expect(seen.attached).toBe(0);
  });

  test('that are stopped while their call is checked send nothing more', async () => {
    const { seen, endless } = endlessFeed();
    let checked = (): void => undefined;
    const meter = () => new Promise<void>((resolve) => (checked = resolve));
    const { texts, send } = listenedConnection(endless, meter);
    await send(subscribe(1));
    await send({ id: 1, method: 'subscription.stop' });
    checked();
    await settle();
    expect(texts).toEqual(['{"id":1,"result":{"type":"stopped"}}']);
    expect(seen.attached).toBe(0);
  });

  test('that their feed ends twice are stopped once', async () => {
    const { endless, sinks } = endlessFeed();
    const { texts, send } = listenedConnection(endless);
    await send(subscribe(1));
    for (const sink of sinks) for (const reason of ['done', 'done'] as const) sink.end(reason);
    await settle();
    expect(texts.filter((text) => text.includes('"stopped"'))).toHaveLength(1);
  });

  test('count with those that the adapter of tRPC serves, which are started and stopped there', async () => {
    const { texts, send } = listenedConnection(endlessFeed().endless);
    const events = (id: number) => {
      const input = { json: { nodeId: node.id } };
      return { id, method: 'subscription', params: { path: 'nodes.eventsStream', input } };
    };
    for (let id = 1; id <= 11; id += 1) await send(events(id));
    const refusals = () => texts.filter((text) => text.includes('a socket may have 10 subscriptions'));
    expect(refusals()).toEqual([expect.stringContaining('"id":11,')]);
    await send({ id: 3, method: 'subscription.stop' });
    expect(texts.at(-1)).toContain('{"id":3,"result":{"type":"stopped"}}');
    await send(events(12));
    expect(texts.at(-1)).toContain('{"id":12,"result":{"type":"started"}}');
    expect(refusals()).toHaveLength(1);
  });

  test('of changes that end by themselves are reported, so that the client subscribes again', async () => {
    const { texts, send } = listenedConnection(endlessFeed().endless);
    await send({ id: 1, method: 'subscription', params: { path: 'nodes.watch', input: { json: {} } } });
    await expect
      .poll(() => texts.some((text) => text.includes('the watch has ended: subscribe again')))
      .toBe(true);
  });

  test('are asked once to move to another socket', async () => {
    const { connection, texts } = listenedConnection(endlessFeed().endless);
    connection.askToReconnect();
    connection.askToReconnect();
    await settle();
    expect(texts).toEqual(['{"id":null,"method":"reconnect"}']);
  });
});

/** A connection, the texts that it sends, and messages to it. */
function listenedConnection(of: LogFeed, meter = () => Promise.resolve()) {
  const texts: string[] = [];
  const wire = new PassThrough({ highWaterMark: 1e9 });
  wire.on('data', (bytes: Buffer) => texts.push(...readFrames(bytes)));
  const authenticator = {
    meter,
    authorize: () => undefined,
    runHeavyRead: <Result>(_principal: unknown, read: () => Promise<Result>) => read(),
  };
  const services = { router, feed: of, logger: createLogger('silent'), authenticator };
  const connection = new TrpcConnection({
    socket: new RecordingSocket() as unknown as WebSocket,
    connection: wire,
    request: { url: '/trpc', headers: {} } as IncomingMessage,
    principal,
    services: { ...services, subscriptionsMax: 10, windowBytes: 1e9 },
  });
  const send = async (message: object): Promise<void> => {
    connection.receive(Buffer.from(JSON.stringify(message)));
    await settle();
  };
  return { connection, texts, send };
}
