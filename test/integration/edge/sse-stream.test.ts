import { afterEach, describe, expect, test } from 'vitest';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import type { SseFrame } from '../../support/client/server-sse-reader.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';
import { within } from '../../support/within.js';

const TOKEN = { 'X-Admin-Token': ADMIN_TOKEN };
const opened = new OpenedEdges();
const { read, start } = opened;

afterEach(() => opened.close());

const isLog = (text: string) => (frame: SseFrame) => frame.event === 'log' && messageOf(frame) === text;

function messageOf(frame: SseFrame): string {
  return (JSON.parse(frame.data) as { message: string }).message;
}

describe('the event stream', () => {
  test('begins with the documented headers, a retry line and the status, then history, then what comes', async () => {
    const edge = await start();
    const { writer, path } = await edge.nodeWithLog(2);
    const reader = await read(edge, path);
    expect(reader.status).toBe(200);
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    const history = await reader.until(isLog('line 2'));
    expect(history.map((frame) => frame.event)).toEqual(['status', 'log', 'status', 'log']);
    expect(JSON.parse(history[0]!.data)).toEqual({
      phase: 'queued',
      progress: 0,
      message: 'The launch is queued',
    });
    expect(history.filter((frame) => frame.event === 'log').map((frame) => frame.id)).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}:1$/),
      expect.stringMatching(/^[0-9a-f]{16}:2$/),
    ]);
    expect(history.filter((frame) => frame.event === 'status').map((frame) => frame.id)).toEqual([
      undefined,
      undefined,
    ]);
    expect(reader.retry).toBeGreaterThanOrEqual(1_000);
    writeLine(writer, 'live', { phase: 'installing', source: 'instance', progress: 60 });
    const live = await reader.until((frame) => frame.event === 'status');
    expect(live.map((frame) => frame.event)).toEqual(['log', 'status']);
    expect(JSON.parse(live[1]!.data)).toEqual({ phase: 'installing', progress: 60, message: 'live' });
  });

  test('ends with done, which alone besides the entries has an id, and answers a resume after it with 204', async () => {
    const edge = await start();
    const { node, writer, path } = await edge.nodeWithLog(1);
    const reader = await read(edge, path);
    await reader.until(isLog('line 1'));
    await reader.until((frame) => frame.event === 'status');
    edge.launches.add({ ...node, status: 'failed', phase: 'failed', failureReason: 'quota' });
    writeLine(writer, 'The cloud said no', {
      level: 'error',
      phase: 'failed',
      source: 'orchestrator',
      details: { reason: 'quota', region: 'us-west-2' },
    });
    const end = await reader.toEnd();
    expect(end.map((frame) => frame.event)).toEqual(['log', 'status', 'error', 'done']);
    expect(JSON.parse(end[2]!.data)).toEqual({
      error: 'The cloud said no',
      details: 'reason: quota\nregion: us-west-2',
      phase: 'failed',
    });
    expect(JSON.parse(end[3]!.data)).toMatchObject({ status: 'failed' });
    const last = end[3]!.id!;
    expect(last).toMatch(/^[0-9a-f]{16}:2:done$/);
    for (const resumed of [
      await read(edge, path, { ...TOKEN, 'Last-Event-ID': last }),
      await read(edge, `${path}?cursor=${last}`),
    ]) {
      expect(resumed.status).toBe(204);
    }
    const rest = await read(edge, `${path}?cursor=${last.replace(':2:done', ':1')}`);
    const events = (await rest.toEnd()).map(({ event }) => event);
    expect(events.slice(-4)).toEqual(['log', 'status', 'error', 'done']);
    const foreign = await read(edge, `${path}?cursor=0123456789abcdef:2:done`);
    expect(foreign.status).toBe(200);
    expect((await foreign.toEnd()).map((frame) => frame.event)).toContain('reset');
  });

  test('Last-Event-ID beats cursor, which beats tail', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(5);
    const first = await read(edge, `${path}?tail=1`);
    const [, entry] = await first.until((frame) => frame.event === 'log');
    const epoch = entry!.id!.split(':')[0];
    const resumed = await read(edge, `${path}?tail=1&cursor=${epoch}:2&follow=false`);
    const seen = (await resumed.toEnd()).filter((frame) => frame.event === 'log').map(messageOf);
    expect(seen).toEqual(['line 3', 'line 4', 'line 5']);
    const header = await read(edge, `${path}?tail=1&cursor=${epoch}:2&follow=false`, {
      ...TOKEN,
      'Last-Event-ID': `${epoch}:4`,
    });
    expect((await header.toEnd()).filter((frame) => frame.event === 'log').map(messageOf)).toEqual([
      'line 5',
    ]);
  });

  test('follow=false ends a running launch with a done that has no id', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(3);
    const reader = await read(edge, `${path}?follow=false&tail=2`);
    const frames = await reader.toEnd();
    expect(frames.filter((frame) => frame.event === 'log').map(messageOf)).toEqual(['line 2', 'line 3']);
    const done = frames.at(-1)!;
    expect(done).toMatchObject({ event: 'done', id: undefined });
    expect(JSON.parse(done.data)).toMatchObject({
      status: 'launching',
      message: 'Log stream complete (follow=false)',
    });
    // A made-up cursor behind the end of a log that is still written is no end that was received.
    const [epoch] = (frames.find((frame) => frame.event === 'log')?.id ?? '').split(':');
    expect((await edge.fetch(`${path}?follow=false&cursor=${epoch}:3:done`)).status).toBe(200);
    const headers = { 'Last-Event-ID': '' };
    for (const cursor of ['', `&cursor=${epoch}:2`]) {
      expect((await edge.fetch(`${path}?follow=false${cursor}`, { headers })).status).toBe(200);
    }
  });

  test.each([
    ['tail=-1', "'tail' must be a whole number from 0 to 10000"],
    ['tail=1e9', "'tail' must be a whole number from 0 to 10000"],
    ['tail=1&tail=2', "'tail' must be given once"],
    ['since=yesterday', "invalid 'since' timestamp format (expected RFC3339)"],
    ['since=2026-01-01', "invalid 'since' timestamp format (expected RFC3339)"],
    ['follow=maybe', "'follow' must be true or false"],
    ['level=loud', "'level' must be one of debug, info, warn, error"],
    [
      'cursor=12',
      "'cursor' must be a cursor of the form '<16 hex digits>:<seq>' or '<16 hex digits>:<seq>:done'",
    ],
  ])('answers 400 to %s before the first byte of the stream', async (query, message) => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(0);
    for (const route of [path, path.replace('/stream', '')]) {
      if (route !== path && query.startsWith('follow')) continue;
      const response = await edge.fetch(`${route}?${query}`);
      /** Only a stream may begin with nothing. */
      const own = route === path ? message : message.replace('from 0 to', 'from 1 to');
      expect(await response.json()).toMatchObject({
        error: { message: own, type: 'invalid_request_error', code: 'invalid_request' },
      });
      expect(response.status).toBe(400);
    }
  });

  test('takes a since whose plus sign was not escaped', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(1);
    const response = await edge.fetch(`${path.replace('/stream', '')}?since=2020-01-01T00:00:00+01:00`);
    expect(await response.json()).toMatchObject({ count: 1 });
  });

  test.each(['1', 'x'.repeat(10_000), '0123456789abcdef:-1', 'NaN', '0123456789ABCDEF:1'])(
    'answers 400 to a Last-Event-ID that is no cursor',
    async (id) => {
      const edge = await start();
      const { path } = await edge.nodeWithLog(1);
      const response = await edge.fetch(path, { headers: { 'Last-Event-ID': id } });
      expect(response.status).toBe(400);
    },
  );

  test('hostile text stays inside its data line', async () => {
    const edge = await start();
    const { writer, path } = await edge.nodeWithLog(0);
    const hostile = 'a\r\nevent: done\ndata: {}\n\n\u0000\u2028\u2029\u0085\u001b]52;c;x\u0007 end';
    writeLine(writer, hostile, { phase: 'queued', source: 'skypilot' });
    const reader = await read(edge, path);
    const frames = await reader.until((frame) => frame.event === 'log');
    expect(frames.map((frame) => frame.event)).toEqual(['status', 'log']);
    expect(messageOf(frames[1]!)).toBe(hostile);
    // A line end is whatever Python's splitlines takes for one.
    const stream = reader.raw.slice(reader.raw.indexOf('event: log'));
    expect(stream.split(/[\r\v\f\u001c-\u001e\u0085\u2028\u2029]/)).toHaveLength(1);
  });

  test('sends a comment as a heartbeat', async () => {
    const edge = await start({ heartbeatMs: 50 });
    const { path } = await edge.nodeWithLog(0);
    const reader = await read(edge, path);
    await reader.untilComment('heartbeat');
    expect(reader.comments).toContain('heartbeat');
  });

  test('forgets a client that hangs up', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(1);
    const reader = await read(edge, path);
    await reader.until(isLog('line 1'));
    expect(edge.streams.size).toBe(1);
    reader.close();
    await expect.poll(() => edge.streams.size).toBe(0);
    expect(edge.feed.counts.readers).toBe(0);
  });

  test('ends a stream at its maximum age, and the client continues where it was', async () => {
    const edge = await start({ maxAgeMs: 1_000 });
    const { writer, path } = await edge.nodeWithLog(1);
    const reader = await read(edge, path);
    const frames = await reader.toEnd();
    const id = frames.findLast((frame) => frame.id !== undefined)!.id!;
    writeLine(writer, 'after the cut', { phase: 'provisioning', source: 'skypilot' });
    const again = await read(edge, path, { ...TOKEN, 'Last-Event-ID': id });
    const [, next] = await again.until((frame) => frame.event === 'log');
    expect(messageOf(next!)).toBe('after the cut');
  });

  test('a shutdown ends every stream without waiting for its reader', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(1);
    const readers = await Promise.all(Array.from({ length: 50 }, () => read(edge, path)));
    await Promise.all(readers.map((reader) => reader.until(isLog('line 1'))));
    await within('the shutdown', edge.server.close());
    await within('the end of the streams', Promise.all(readers.map((reader) => reader.toEnd())));
    expect(edge.streams.size).toBe(0);
  });

  test('refuses more streams than its limit, with a Retry-After', async () => {
    const edge = await start({ streamsMax: 1 });
    const { node, path } = await edge.nodeWithLog(1);
    await read(edge, path);
    const response = await edge.fetch(path);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' });
    const { ticket } = (await answer.json()) as { ticket: string };
    expect((await fetch(`${edge.url}${path}?ticket=${ticket}`)).status).toBe(503);
    // The ticket has opened no stream, so that it can still open one.
    expect(edge.access.openedTickets.ids.size).toBe(0);
  });

  test('a reader that stops reading does not hold up another, and gets everything when it continues', async () => {
    const edge = await start({ bufferMaxBytes: 64 * 1024 });
    const { writer, path } = await edge.nodeWithLog(1);
    const slow = await read(edge, path);
    const quick = await read(edge, path);
    await slow.until(isLog('line 1'));
    slow.pause();
    const lines = 4_000;
    const filler = 'x'.repeat(2_000);
    for (let number = 1; number <= lines; number += 1) {
      writeLine(writer, `${number} ${filler}`, { phase: 'provisioning', source: 'skypilot' });
      if (number % 200 === 0) await writer.flush();
    }
    const isLast = (frame: SseFrame) => frame.event === 'log' && frame.data.includes(`"${lines} x`);
    const logs = (frames: SseFrame[]) =>
      frames.filter((frame) => frame.event === 'log').map((frame) => frame.id);
    const seenByQuick = logs(await quick.until(isLast));
    slow.resume();
    const seenBySlow = logs(await slow.until(isLast));
    expect(seenBySlow).toHaveLength(lines);
    expect(seenBySlow).toEqual(seenByQuick.slice(-lines));
  });

  test('while the log store is away a client gets a notice and is not turned away', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(1);
    edge.store.read = () => Promise.reject(new LogStoreUnavailableError('away'));
    for (const cursor of ['', '?cursor=0123456789abcdef:1', '?cursor=0123456789abcdef:1:done']) {
      const reader = await read(edge, path + cursor);
      expect(reader.status).toBe(200);
      const frames = await reader.until((frame) => frame.event === 'notice');
      expect(JSON.parse(frames.at(-1)!.data)).toMatchObject({ code: 'log_store_unavailable' });
    }
    const history = await edge.fetch(path.replace('/stream', ''));
    expect(history.status).toBe(503);
    expect(history.headers.get('retry-after')).toBe('2');
  });

  test('HEAD answers the headers and nothing else', async () => {
    const edge = await start();
    const { path } = await edge.nodeWithLog(1);
    const response = await edge.fetch(path, { method: 'HEAD' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toBe('');
    expect(edge.streams.size).toBe(0);
  });
});
