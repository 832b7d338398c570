import { TRPCClientError } from '@trpc/client';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { afterEach, describe, expect, test } from 'vitest';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import type { ServerEdge } from '../../support/server/server-edge.js';
import { stockHttpClient, stockSocketClient, StockStream } from '../../support/client/server-trpc-client.js';
import type { StockSocketOptions } from '../../support/client/server-trpc-client.js';
import { within } from '../../support/within.js';
import { writeLine } from '../../support/log/write-line.js';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'meta-llama/Llama-2-7b' } as const;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const opened = new OpenedEdges();
const { open, start } = opened;

afterEach(() => opened.close());

function connect(edge: ServerEdge, options: Partial<StockSocketOptions> = {}) {
  const client = stockSocketClient({ url: edge.url, ...options });
  open.push(client);
  return client;
}

async function failure(call: Promise<unknown>): Promise<{ code: unknown; message: string; data: unknown }> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TRPCClientError)) throw new Error('the call did not fail as it should');
  const data = error.data as { code?: string } | undefined;
  return { code: data?.code, message: error.message, data };
}

describe.each(['websocket', 'http'] as const)('the stock client over %s', (transport) => {
  const clientOf = (edge: ServerEdge) =>
    transport === 'http' ? stockHttpClient(edge.url) : connect(edge).trpc;

  test('launches, reads, lists, cancels, terminates and retries', async () => {
    const edge = await start();
    const trpc = clientOf(edge);
    const { node, replayed } = await trpc.nodes.launch.mutate({ ...LAUNCH, idempotencyKey: 'one' });
    expect(replayed).toBe(false);
    expect(edge.launches.asked.at(-1)?.context).toEqual({ actor: 'admin', idempotencyKey: 'one' });
    expect(await trpc.nodes.get.query({ id: node.id })).toEqual(node);
    expect(await trpc.nodes.get.query({ id: node.clusterName })).toEqual(node);
    expect((await trpc.nodes.list.query({ limit: 5, region: undefined })).nodes).toEqual([node]);
    expect((await trpc.nodes.list.query()).nodes).toHaveLength(1);
    expect(await trpc.nodes.cancel.mutate({ id: node.id })).toEqual(node);
    expect(await trpc.nodes.terminate.mutate({ id: node.id })).toEqual(node);
    expect((await trpc.nodes.retry.mutate({ id: node.id })).node.retryOf).toBe(node.id);
  });

  test('reads a page of the log', async () => {
    const edge = await start();
    const { node } = await edge.nodeWithLog(3);
    const page = await clientOf(edge).nodes.logs.query({ nodeId: node.id, tail: 2 });
    expect(page).toMatchObject({ nodeId: node.id, count: 2, logs: [{ seq: 2 }, { seq: 3 }] });
    expect(page.nextCursor).toMatch(/^[0-9a-f]{16}:3$/);
  });

  test('gets our own error codes, the names it used, and nothing internal', async () => {
    const edge = await start();
    const trpc = clientOf(edge);
    expect(await failure(trpc.nodes.get.query({ id: UNKNOWN_ID }))).toEqual({
      code: 'node_not_found',
      message: `node not found: ${UNKNOWN_ID}`,
      data: { code: 'node_not_found', httpStatus: 404, retryable: false, path: 'nodes.get' },
    });
    expect(await failure(trpc.nodes.launch.mutate({ ...LAUNCH, gpuCount: 99 }))).toMatchObject({
      code: 'invalid_request',
      message: "'gpuCount' must be a whole number from 1 to 16",
    });
    const refusal = new LaunchlogError('conflict', 'launch again', { missingSecrets: ['HF_TOKEN'] });
    edge.launches.retry = () => Promise.reject(refusal);
    const { id } = edge.launches.add({ status: 'failed' });
    expect(await failure(trpc.nodes.retry.mutate({ id }))).toMatchObject({
      code: 'conflict',
      data: { missingSecrets: ['HF_TOKEN'] },
    });
    const unknown = trpc.nodes as unknown as { nothing: { query(): Promise<unknown> } };
    expect(await failure(unknown.nothing.query())).toMatchObject({ code: 'not_found' });
    edge.launches.get = () => Promise.reject(new Error('password=hunter2 at /srv/secret.ts'));
    const internal = await failure(trpc.nodes.get.query({ id: UNKNOWN_ID }));
    expect(internal).toMatchObject({ code: 'internal', message: 'internal error' });
    expect(JSON.stringify(internal)).not.toMatch(/hunter2|secret\.ts|stack/);
  });

  test('may not name types that superjson would revive', async () => {
    const edge = await start();
    const trpc = clientOf(edge);
    for (const value of [new Date(), /x/, new Map(), 10n, new Float64Array(2)]) {
      const call = trpc.nodes.get.query({ id: value } as unknown as { id: string });
      expect(await failure(call)).toMatchObject({
        code: 'invalid_request',
        message: 'input must be plain JSON: of the types of superjson only undefined is accepted',
      });
    }
  });
});

describe('nodes.logsStream over the stock wsLink', () => {
  test('yields the status, history and new entries, each with its cursor, and completes after done', async () => {
    const edge = await start();
    const { node, writer } = await edge.nodeWithLog(2);
    const stream = new StockStream(connect(edge).trpc, { nodeId: node.id });
    await stream.until(({ messages }) => messages.length === 2);
    expect(stream.started).toBe(1);
    expect(stream.items[0]?.data).toMatchObject({ type: 'status', status: { phase: 'queued' } });
    writeLine(writer, 'up', { phase: 'active', source: 'orchestrator', progress: 100 });
    await stream.until(({ completed }) => completed);
    expect(stream.messages).toEqual(['line 1', 'line 2', 'up']);
    const last = stream.items.at(-1)!;
    expect(last.data).toMatchObject({ type: 'done', done: { status: 'active' } });
    expect(last.id).toMatch(/^[0-9a-f]{16}:3:done$/);
    expect(stream.error).toBeUndefined();
    const again = new StockStream(connect(edge).trpc, { nodeId: node.id, lastEventId: last.id });
    await again.until(({ completed }) => completed);
    expect(again.messages).toEqual([]);
  });

  test('continues after its socket is cut, without loss and without repeats', async () => {
    const edge = await start();
    const { node, writer } = await edge.nodeWithLog(1);
    const { trpc, sockets } = connect(edge);
    const stream = new StockStream(trpc, { nodeId: node.id });
    const lines = 200;
    for (let number = 2; number <= lines; number += 1) {
      writeLine(writer, `line ${number}`, { phase: 'provisioning', source: 'skypilot', progress: 12 });
      if (number % 10 === 0) await writer.flush();
      if (number % 50 === 0) sockets.at(-1)?.terminate();
      if (number % 50 === 5) await stream.until(({ messages }) => messages.length >= number - 5);
    }
    await stream.until(({ messages }) => messages.at(-1) === `line ${lines}`);
    expect(stream.messages).toEqual(Array.from({ length: lines }, (_, index) => `line ${index + 1}`));
    expect(sockets.length).toBeGreaterThan(2);
  });

  test('stops when it is unsubscribed, and leaves nothing behind', async () => {
    const edge = await start();
    const { node, writer } = await edge.nodeWithLog(1);
    const { trpc } = connect(edge);
    const stream = new StockStream(trpc, { nodeId: node.id });
    await stream.until(({ messages }) => messages.length === 1);
    expect(edge.trpc.streams).toBe(1);
    stream.stop();
    await expect.poll(() => edge.trpc.streams).toBe(0);
    expect(edge.feed.counts.readers).toBe(0);
    writeLine(writer, 'unheard', { phase: 'provisioning', source: 'skypilot' });
    await writer.flush();
    await trpc.nodes.list.query();
    expect(stream.messages).toEqual(['line 1']);
  });

  test('a stream that reaches its maximum age moves to a new socket and loses nothing', async () => {
    const edge = await start({ maxAgeMs: 1_000 });
    const { node, writer } = await edge.nodeWithLog(1);
    const { trpc, sockets } = connect(edge);
    const stream = new StockStream(trpc, { nodeId: node.id });
    await expect.poll(() => sockets.length).toBeGreaterThan(1);
    writeLine(writer, 'after', { phase: 'provisioning', source: 'skypilot', progress: 12 });
    await stream.until(({ messages }) => messages.includes('after'));
    expect(stream.messages).toEqual(['line 1', 'after']);
    expect(stream.completed).toBe(false);
    await expect.poll(() => edge.trpc.sockets).toBe(1);
  });

  test('a stream of events that reaches its maximum age moves to a new socket, and does not complete', async () => {
    const edge = await start({ maxAgeMs: 300 });
    const node = edge.launches.add();
    const { trpc, sockets } = connect(edge);
    const completed: string[] = [];
    trpc.nodes.eventsStream.subscribe(
      { nodeId: node.id },
      { onComplete: () => completed.push('events'), onError: ({ message }) => completed.push(message) },
    );
    await expect.poll(() => sockets.length).toBeGreaterThan(2);
    expect(completed).toEqual([]);
  });

  test('a shutdown asks clients to reconnect, does not complete their streams, and does not wait for them', async () => {
    const edge = await start();
    const { node } = await edge.nodeWithLog(1);
    const clients = Array.from({ length: 20 }, () => connect(edge));
    const streams = clients.map(({ trpc }) => new StockStream(trpc, { nodeId: node.id }));
    await Promise.all(streams.map((stream) => stream.until(({ messages }) => messages.length === 1)));
    await within('the shutdown', edge.server.close());
    expect(streams.filter(({ completed, error }) => completed || error !== undefined)).toEqual([]);
    expect(edge.feed.counts.readers).toBe(0);
  });

  test.each([
    [{ nodeId: 'x' }, 'node_not_found'],
    [{ nodeId: UNKNOWN_ID }, 'node_not_found'],
    [{ nodeId: UNKNOWN_ID, tail: -1 }, 'invalid_request'],
    [{ nodeId: UNKNOWN_ID, lastEventId: 'nonsense' }, 'invalid_request'],
  ])('answers %j with the code %s', async (input, code) => {
    const edge = await start();
    const stream = new StockStream(connect(edge).trpc, input);
    await stream.until(({ error }) => error !== undefined);
    expect(stream.error?.data?.code).toBe(code);
  });

  test('refuses an expression that RE2 does not support', async () => {
    const edge = await start();
    const { node } = await edge.nodeWithLog(1);
    const stream = new StockStream(connect(edge).trpc, { nodeId: node.id, regex: '(?=x)' });
    await stream.until(({ error }) => error !== undefined);
    expect(stream.error?.data?.code).toBe('invalid_request');
  });

  test('many streams share a socket up to the limit, and end with it', async () => {
    const edge = await start({ subscriptionsMax: 3 });
    const { node } = await edge.nodeWithLog(1);
    const { trpc, close } = connect(edge);
    const streams = Array.from({ length: 4 }, () => new StockStream(trpc, { nodeId: node.id }));
    await Promise.all(
      streams.map((stream) =>
        stream.until(({ messages, error }) => messages.length === 1 || error !== undefined),
      ),
    );
    expect(streams.filter(({ error }) => error?.data?.code === 'rate_limited')).toHaveLength(1);
    expect(edge.trpc.streams).toBe(3);
    await close();
    await expect.poll(() => edge.feed.counts.readers).toBe(0);
  });
});
