import { describe, expect, test } from 'vitest';
import type { ConnectionEvent, FollowEvent } from '@launchlog/sdk/follow-options';
import { LaunchlogApiError } from '@launchlog/sdk/error/launchlog-api-error';
import { readLog } from '@launchlog/sdk/stream/read-log';
import type { FollowRequest } from '@launchlog/sdk/stream/read-log';
import { EPOCH, ScriptedLogSource, sendDone, sendLog } from '../../../support/fake/scripted-log-source.js';

const KNOWN = ['log', 'status', 'gap', 'reset', 'notice', 'done'];

type Item = FollowEvent | ConnectionEvent;

function follow(overrides: Partial<FollowRequest> = {}) {
  const source = new ScriptedLogSource();
  const opened = source.next();
  const iterator = readLog({
    source,
    nodeId: 'node-1',
    query: { tail: 5 },
    connectionEvents: false,
    giveUpAfterMs: 60_000,
    known: { types: KNOWN, onUnknown: undefined },
    ...overrides,
  });
  return { source, iterator, opened };
}

async function readAll(iterator: AsyncIterator<Item>, items: Item[] = []): Promise<Item[]> {
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return items;
    items.push(value);
  }
}

const seqs = (items: readonly Item[]) =>
  items.flatMap((item) => (item.type === 'log' ? [item.entry.seq] : []));
const unavailable = new LaunchlogApiError('unavailable', 'the store is unavailable');

describe('following a log', () => {
  test('the first stream is opened with the query as given, and entries come in order with their cursors', async () => {
    const { source, iterator, opened } = follow();
    const read = readAll(iterator);
    const stream = await opened;
    for (const seq of [1, 2, 3]) sendLog(stream, seq);
    sendDone(stream, 3);
    const items = await read;
    expect(stream.query).toEqual({ tail: 5 });
    expect(seqs(items)).toEqual([1, 2, 3]);
    expect(items[1]).toMatchObject({ cursor: `${EPOCH}:2` });
    expect(items.at(-1)?.type).toBe('done');
    expect(source.streams.map((one) => one.closed)).toEqual([true]);
  });

  test('a repeated entry is dropped', async () => {
    const { iterator, opened } = follow();
    const read = readAll(iterator);
    const stream = await opened;
    for (const seq of [1, 2, 1, 2, 3, 3]) sendLog(stream, seq);
    sendDone(stream, 3);
    expect(seqs(await read)).toEqual([1, 2, 3]);
  });

  test('a retryable error reopens the stream after the last entry', async () => {
    const { source, iterator, opened } = follow();
    const read = readAll(iterator);
    const first = await opened;
    sendLog(first, 1);
    sendLog(first, 2);
    const reopened = source.next();
    first.handlers.onError(unavailable);
    const second = await reopened;
    expect(second.query).toEqual({ tail: 5, cursor: `${EPOCH}:2` });
    sendLog(second, 3);
    sendDone(second, 3);
    expect(seqs(await read)).toEqual([1, 2, 3]);
  });

  test('a stream that the server ends before the log has ended is reopened', async () => {
    const { source, iterator, opened } = follow();
    const read = readAll(iterator);
    const first = await opened;
    sendLog(first, 1);
    const reopened = source.next();
    first.handlers.onEnd();
    const second = await reopened;
    expect(second.query.cursor).toBe(`${EPOCH}:1`);
    sendDone(second, 1);
    expect((await read).map((item) => item.type)).toEqual(['log', 'done']);
  });

  test('a resume at the end of a closed log ends at once', async () => {
    const { iterator, opened } = follow({ query: { cursor: `${EPOCH}:9:done` } });
    const read = readAll(iterator);
    (await opened).handlers.onEnd();
    expect(await read).toEqual([]);
  });

  test('an error that is not retryable is thrown after the events before it', async () => {
    const { iterator, opened } = follow();
    const items: Item[] = [];
    const read = readAll(iterator, items);
    const stream = await opened;
    sendLog(stream, 1);
    stream.handlers.onError(new LaunchlogApiError('node_not_found', 'node not found'));
    await expect(read).rejects.toMatchObject({ code: 'node_not_found', status: 404 });
    expect(seqs(items)).toEqual([1]);
  });

  test('a slow reader buffers a bounded number of events and misses none', async () => {
    const { source, iterator, opened } = follow({ limits: { events: 3, characters: 1_000_000 } });
    const head = iterator.next();
    const first = await opened;
    for (let seq = 1; seq <= 10; seq += 1) sendLog(first, seq);
    expect(first.closed).toBe(true);
    const items: Item[] = [];
    const { value } = await head;
    if (value) items.push(value);
    const reopened = source.next();
    const read = readAll(iterator, items);
    const second = await reopened;
    expect(second.query.cursor).toBe(`${EPOCH}:${Math.max(...seqs(items))}`);
    for (const seq of [4, 5]) sendLog(second, seq);
    sendDone(second, 5);
    expect(seqs(await read)).toEqual([1, 2, 3, 4, 5]);
  });

  test('long entries are bounded by their characters', async () => {
    const { iterator, opened } = follow({ limits: { events: 1_000, characters: 100 } });
    const head = iterator.next();
    const stream = await opened;
    const message = 'x'.repeat(60);
    for (let seq = 1; seq <= 5; seq += 1) {
      stream.handlers.onEvent(`${EPOCH}:${seq}`, {
        type: 'log',
        entry: {
          seq,
          timestamp: '2026-01-01T00:00:00.000Z',
          level: 'info',
          message,
          phase: 'queued',
          source: 'vllm',
        },
      });
    }
    expect(stream.closed).toBe(true);
    await head;
    await iterator.return?.();
  });

  test('an aborted signal ends a waiting reader without an error', async () => {
    const stop = new AbortController();
    const { iterator, opened } = follow({ signal: stop.signal });
    const read = readAll(iterator);
    const stream = await opened;
    stop.abort(new Error('enough'));
    expect(await read).toEqual([]);
    expect(stream.closed).toBe(true);
  });

  test('no stream is opened if the signal is already aborted', async () => {
    const { source, iterator } = follow({ signal: AbortSignal.abort() });
    expect(await readAll(iterator)).toEqual([]);
    expect(source.streams).toEqual([]);
  });

  test('return ends a pending next', async () => {
    const { iterator, opened } = follow();
    const waiting = iterator.next();
    const stream = await opened;
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(stream.closed).toBe(true);
  });

  test('late events of a closed stream are ignored', async () => {
    const { source, iterator, opened } = follow();
    const read = readAll(iterator);
    const first = await opened;
    sendLog(first, 1);
    const reopened = source.next();
    first.handlers.onEnd();
    const second = await reopened;
    sendLog(first, 2);
    first.handlers.onError(new LaunchlogApiError('node_not_found', 'node not found'));
    sendDone(second, 1);
    expect(seqs(await read)).toEqual([1]);
  });

  test('the new log is read from its first entry after a reset', async () => {
    const { iterator, opened } = follow();
    const read = readAll(iterator);
    const stream = await opened;
    sendLog(stream, 7);
    const epoch = 'fedcba9876543210';
    stream.handlers.onEvent(`${epoch}:0`, { type: 'reset', reset: { reason: 'cleared', epoch } });
    sendLog(stream, 1, epoch);
    stream.handlers.onEvent(`${epoch}:1:done`, { type: 'done', done: { status: 'failed', message: 'no' } });
    const items = await read;
    expect(items.map((item) => item.type)).toEqual(['log', 'reset', 'log', 'done']);
    expect(seqs(items)).toEqual([7, 1]);
  });

  test('following gives up if the server is away for longer than allowed', async () => {
    const { iterator, opened } = follow({ giveUpAfterMs: 0 });
    const read = readAll(iterator);
    const stream = await opened;
    const error = LaunchlogApiError.unreachable('connection refused');
    stream.handlers.onConnection({ state: 'connecting', failedAttempts: 1, error });
    await expect(read).rejects.toBe(error);
  });

  test('a refused token throws at once', async () => {
    const { iterator, opened } = follow();
    const read = readAll(iterator);
    const error = new LaunchlogApiError('invalid_admin_token', 'invalid admin token');
    (await opened).handlers.onConnection({ state: 'connecting', failedAttempts: 1, error });
    await expect(read).rejects.toBe(error);
  });

  test('connection events are yielded only on request, and only the latest of them', async () => {
    const { iterator, opened } = follow({ connectionEvents: true });
    const head = iterator.next();
    const stream = await opened;
    const error = LaunchlogApiError.unreachable('gone');
    stream.handlers.onConnection({ state: 'open' });
    await head;
    for (const failedAttempts of [0, 1, 2]) {
      stream.handlers.onConnection({ state: 'connecting', failedAttempts, error });
    }
    stream.handlers.onConnection({ state: 'open' });
    sendLog(stream, 1);
    sendDone(stream, 1);
    const items = await readAll(iterator);
    expect(items[0]).toEqual({ type: 'connection', connection: { state: 'open' } });
    expect(items.map((item) => item.type)).toEqual(['connection', 'log', 'done']);
  });

  test('a closed client ends the iteration', async () => {
    const { iterator, opened } = follow();
    const read = readAll(iterator);
    (await opened).handlers.onConnection({ state: 'closed' });
    expect(await read).toEqual([]);
  });

  test('an event of a newer server is handed over, moves the position, and never reaches the loop', async () => {
    const unknown: object[] = [];
    const { source, iterator, opened } = follow({
      known: { types: KNOWN, onUnknown: (event) => unknown.push(event) },
    });
    const read = readAll(iterator);
    const first = await opened;
    sendLog(first, 1);
    first.handlers.onEvent(`${EPOCH}:2`, { type: 'hologram', beam: 7 } as never);
    const reopened = source.next();
    first.handlers.onEnd();
    const second = await reopened;
    expect(second.query.cursor).toBe(`${EPOCH}:2`);
    sendDone(second, 2);
    expect((await read).map((item) => item.type)).toEqual(['log', 'done']);
    expect(unknown).toEqual([{ type: 'hologram', beam: 7, cursor: `${EPOCH}:2` }]);
  });

  test("the program's own error is thrown as it is", async () => {
    const { iterator, opened } = follow();
    const read = readAll(iterator);
    const own = new Error('no WebSocket here');
    (await opened).handlers.onError(own);
    await expect(read).rejects.toBe(own);
  });
});
