import { getEventListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { StreamLimit } from '@launchlog/server/edge/event-stream/stream-limit';
import { createLogger } from '@launchlog/server/logger';
import { itemFrame } from '@launchlog/server/trpc/event-stream/event-frames';
import { TrpcEventStreams } from '@launchlog/server/trpc/event-stream/trpc-event-streams';
import { NodeWatchStream } from '@launchlog/server/trpc/node-watch/node-watch-stream';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { sendFailure, TrpcHttp } from '@launchlog/server/trpc/trpc-http';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { settle } from '../../../support/client/recorded-socket.js';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { sampleNode } from '../../../support/sample/sample-node.js';

const node = sampleNode();
const REVOKED = new LaunchlogError('invalid_admin_token', 'revoked');

/** A response that keeps what it was given. */
class PlayedResponse extends PassThrough {
  status = 0;
  headers: Record<string, unknown> = {};
  headersSent = false;

  writeHead(status: number, headers: Record<string, unknown> = {}): this {
    this.status = status;
    this.headers = headers;
    this.headersSent = true;
    return this;
  }

  getHeader(): undefined {}
  setHeader(): void {}
  setTimeout(): this {
    return this;
  }
  flushHeaders(): void {}
}

interface Given {
  /** Called when the node is looked up. */
  readonly onGet?: (() => unknown) | undefined;
  readonly streamsMax?: number;
}

function served({ onGet, streamsMax = 10 }: Given = {}) {
  const revoking = new AbortController();
  const seen = { attached: 0 };
  const feed = {
    attach: () => {
      seen.attached += 1;
      return { isLive: true, resume: () => undefined, close: () => undefined };
    },
  };
  const launches = {
    get: async () => {
      await onGet?.();
      return node;
    },
    list: () => Promise.resolve({ nodes: [] }),
  };
  const router = createAppRouter({ launches, feed } as unknown as Parameters<typeof createAppRouter>[0]);
  const authenticator = {
    isAnonymous: () => Promise.resolve(false),
    authenticate: () =>
      Promise.resolve({ name: 'ada', kind: 'named_token', scopes: ['admin'], revoked: revoking.signal }),
    meter: () => Promise.resolve(),
    authorize: () => undefined,
    runHeavyRead: <Result>(_: unknown, read: () => Promise<Result>) => read(),
  } as never;
  const shared = { router, authenticator, logger: createLogger('silent') };
  const http = new TrpcHttp({
    ...shared,
    bodyMaxBytes: 1_000,
    pageAnswers: { take: () => undefined } as never,
  });
  const streams = new TrpcEventStreams({
    ...shared,
    feed: feed as never,
    clock: new FakeClock(),
    maxAgeMs: 1_000,
    streamLimit: new StreamLimit(streamsMax),
    random: () => 0,
    heartbeatMs: 1_000,
    bufferMaxBytes: 1_000,
  });
  const listeners = () => getEventListeners(revoking.signal, 'abort').length;
  return { http, streams, revoking, seen, listeners };
}

const request = (method: string, url: string, headers: Record<string, string> = {}) =>
  Object.assign(Readable.from([]), {
    method,
    url,
    headers,
    rawHeaders: [],
    httpVersion: '1.1',
    socket: {},
  }) as unknown as IncomingMessage;
const of = (response: PlayedResponse) => response as unknown as ServerResponse;

describe('a call over HTTP', () => {
  const call = async ({ http }: ReturnType<typeof served>, incoming: IncomingMessage, isGone = false) => {
    const response = new PlayedResponse();
    if (isGone) response.destroy();
    await http.handle(incoming, of(response), '192.0.2.1');
    const body = isGone ? '' : String(response.read() ?? '');
    return { response, body };
  };

  test('is answered with headers of its own connection alone, and no wait where none is asked for', async () => {
    const { response } = await call(served(), request('GET', '/trpc/nodes.list'));
    expect(response.status).toBe(200);
    const namesIn = ({ headers }: PlayedResponse) => Object.keys(headers).map((name) => name.toLowerCase());
    expect(namesIn(response)).not.toContain('retry-after');
    const streamed = { 'trpc-accept': 'application/jsonl' };
    const pieces = await call(served(), request('GET', '/trpc/nodes.list?batch=1', streamed));
    expect(pieces.response.status).toBe(200);
    expect(namesIn(pieces.response)).toContain('content-type');
    expect(namesIn(pieces.response)).not.toContain('transfer-encoding');
    expect(pieces.body).toContain('nodes');
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'TRACE'])('with %s is no call', async (method) => {
    const { response, body } = await call(served(), request(method, '/trpc/nodes.list'));
    expect([response.status, body.includes('use GET or POST')]).toEqual([405, true]);
  });

  test('is watched for its credential until it has ended, and not where its reader is gone', async () => {
    const server = served();
    await call(server, request('GET', '/trpc/nodes.list'), true);
    expect(server.listeners()).toBe(0);
    const { response } = await call(server, request('GET', '/trpc/nodes.list'));
    expect(server.listeners()).toBe(1);
    response.destroy();
    await settle();
    expect(server.listeners()).toBe(0);
    server.revoking.abort(REVOKED);
    expect((await call(server, request('GET', '/trpc/nodes.list'))).response.status).toBe(401);
  });

  test('whose reader leaves while it is written is given up, whatever is still to come', async () => {
    const { http } = served({ onGet: () => new Promise(() => undefined) });
    const response = new PlayedResponse();
    response.write = () => false;
    const url = `/trpc/nodes.list,nodes.get?batch=1&input=${encodeURIComponent(`{"1":{"json":{"id":"${node.id}"}}}`)}`;
    const streamed = request('GET', url, { 'trpc-accept': 'application/jsonl' });
    const handled = http.handle(streamed, of(response), '192.0.2.1');
    await settle();
    expect(response.status).toBe(200);
    response.destroy();
    await handled;
  });

  test('that fails after its head is cut off, and is not answered twice', () => {
    const response = new PlayedResponse();
    response.writeHead(200);
    sendFailure(new Error('no'), of(response), { logger: createLogger('silent') });
    expect([response.destroyed, response.status]).toEqual([true, 200]);
  });
});

describe('a subscription over HTTP', () => {
  const LOG = `/trpc/nodes.logsStream?input=${encodeURIComponent(JSON.stringify({ json: { nodeId: node.id } }))}`;
  const open = async ({ streams }: ReturnType<typeof served>, url = LOG, isGone = false) => {
    const response = new PlayedResponse();
    if (isGone) response.destroy();
    const incoming = request('GET', url, { accept: 'text/event-stream' });
    await streams.handle(incoming, of(response), { address: '192.0.2.1' });
    await settle();
    return { response, body: isGone ? '' : String(response.read() ?? '') };
  };

  test.each([
    ['/trpc/nodes.logsStream', true],
    ['/trpc/nodes.watch?input=x', true],
    ['/trpc/nodes.list', false],
    ['/trpc/nothing', false],
    ['/abcd/nodes.logsStream', false],
    ['/trpc/%', false],
  ])('is at %s: %s', (url, isOne) => {
    expect(served().streams.matches(url)).toBe(isOne);
  });

  test('is opened, and without an input is refused for what it lacks', async () => {
    const server = served();
    const { response, body } = await open(server);
    expect([response.status, body.includes('event: connected'), server.seen.attached]).toEqual([
      200,
      true,
      1,
    ]);
    const empty = await open(server, '/trpc/nodes.logsStream?lastEventId=x');
    expect([empty.response.status, empty.body.includes('must be an object')]).toEqual([400, false]);
    expect(empty.body).toContain('nodeId');
    server.streams.close();
  });

  test('is refused where there is no room, and where its credential is revoked while it is opened', async () => {
    let asked = 0;
    const full = await open(served({ streamsMax: 0, onGet: () => (asked += 1) }));
    expect([full.response.status, full.body.includes('"unavailable"'), asked]).toEqual([503, true, 0]);
    const server = served({ onGet: () => server.revoking.abort(REVOKED) });
    expect([(await open(server)).response.status, server.seen.attached]).toEqual([401, 0]);
  });

  test('whose reader left before is not opened', async () => {
    let asked = 0;
    const server = served({ onGet: () => void (asked += 1) });
    await open(server, LOG, true);
    expect([asked, server.seen.attached]).toEqual([0, 0]);
  });

  test('has an id for each item, and waits for a snapshot unless it is resumed', () => {
    expect(() => itemFrame(['1', {}])).toThrow('an item without an id cannot be resumed');
    const watch = { watch: () => ({}) as never };
    expect(new NodeWatchStream(watch, {} as never, undefined).isResumed).toBe(false);
    expect(new NodeWatchStream(watch, {} as never, '1').isResumed).toBe(true);
  });
});
