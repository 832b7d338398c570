import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogRecord } from '@launchlog/server/log/log-record';
import type { FeedItem } from '@launchlog/server/feed/feed-item';
import { openingFrame } from '@launchlog/server/edge/event-stream/opening-frame';
import { renderMergedBatch } from '@launchlog/server/http/sse/merged-sse-frame';
import { renderBatch } from '@launchlog/server/http/sse/sse-frame';

const EPOCH = '0123456789abcdef';

function logItem(message: string, level = 'info', spaces?: string): FeedItem {
  const entry = {
    seq: 1,
    timestamp: '2026-01-01T00:00:00.000Z',
    level,
    message,
    phase: 'queued',
    source: 'skypilot',
  };
  const record = new LogRecord({ epoch: EPOCH, seq: 1 }, JSON.stringify(entry, null, spaces));
  return { kind: 'log', cursor: `${EPOCH}:1`, record };
}

function parse(text: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(text);
  return events;
}

test('whatever an entry contains, a standard parser finds the frames we wrote and no other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('info', 'error'), (message, level) => {
      const events = parse(openingFrame(1_000) + renderBatch([logItem(message, level)]));
      expect(events.map(({ event }) => event)).toEqual(level === 'error' ? ['log', 'error'] : ['log']);
      expect(events[0]?.id).toBe(`${EPOCH}:1`);
      expect((JSON.parse(events[0]?.data ?? '') as { message: string }).message).toBe(message);
    }),
  );
});

test('a frame has the lines it should have, for any idea of what ends a line', () => {
  const lineEnds = /\r\n|[\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029]/;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (message) => {
      const text = renderBatch([logItem(`${message}\u2028\u2029\u0085\v\f\u001c\r\n`)]);
      expect(text.split(lineEnds).map((line) => line.slice(0, 5))).toEqual([
        'event',
        'id: 0',
        'data:',
        '',
        '',
      ]);
    }),
  );
});

test('an entry that another program stored over several lines stays on one', () => {
  const [event] = parse(renderBatch([logItem('text', 'info', '  ')]));
  expect(JSON.parse(event?.data ?? '')).toMatchObject({ message: 'text' });
});

test('only a final done carries an id', () => {
  const done = (final: boolean): FeedItem => ({
    kind: 'done',
    cursor: final ? `${EPOCH}:1:done` : `${EPOCH}:1`,
    final,
    done: { status: 'active', message: 'up' },
  });
  expect(renderBatch([done(true)])).toBe(
    `event: done\nid: ${EPOCH}:1:done\ndata: {"status":"active","message":"up"}\n\n`,
  );
  expect(renderBatch([done(false)])).toBe('event: done\ndata: {"status":"active","message":"up"}\n\n');
});

test('gap, reset and notice are sent under their own names, without an id', () => {
  const cursor = `${EPOCH}:4`;
  const events = parse(
    renderBatch([
      { kind: 'gap', cursor, gap: { from_seq: 1, to_seq: 4, reason: 'trimmed' } },
      { kind: 'reset', cursor, reset: { reason: 'lost', epoch: EPOCH } },
      { kind: 'notice', cursor, notice: { code: 'log_store_unavailable', message: 'away' } },
    ]),
  );
  expect(events.map(({ event, id, data }) => [event, id, JSON.parse(data)])).toEqual([
    ['gap', undefined, { from_seq: 1, to_seq: 4, reason: 'trimmed' }],
    ['reset', undefined, { reason: 'lost', epoch: EPOCH }],
    ['notice', undefined, { code: 'log_store_unavailable', message: 'away' }],
  ]);
});

test('a frame that is too long for readers of lines loses no more of its longest texts than it must', () => {
  const data = (changes: object) => {
    const place = { phase: 'queued', source: 'skypilot', timestamp: '2026-01-01T00:00:00.000Z' };
    const entry = { seq: 1, level: 'info', message: 'm', ...place, ...changes };
    const record = new LogRecord({ epoch: EPOCH, seq: 1 }, JSON.stringify(entry));
    const [event] = parse(renderBatch([{ kind: 'log', cursor: `${EPOCH}:1`, record }]));
    return event?.data ?? '';
  };
  const long = data({ message: 'x'.repeat(70_000) });
  expect(Buffer.byteLength(long)).toBeLessThan(65_536);
  expect(Buffer.byteLength(long)).toBeGreaterThan(65_000);
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, number) => [`d${number}`, 'x'.repeat(5_000 + number)]),
  );
  const { details } = JSON.parse(data({ details: many })) as { details: Record<string, string> };
  expect(Object.keys(details)).toHaveLength(30);
  for (const text of Object.values(details)) expect(text).toMatch(/^x{20}/);
});

test('of a stream of many logs, only a final done carries an id', () => {
  const ids = [true, false].map((final) => {
    const done = { status: 'active', message: 'up' } as const;
    const item: FeedItem = { kind: 'done', cursor: `${EPOCH}:1`, final, done };
    const batch = [{ kind: 'node', nodeId: 'n', cursor: 'c', item }] as const;
    return parse(renderMergedBatch(batch as unknown as Parameters<typeof renderMergedBatch>[0]).toString())[0]
      ?.id;
  });
  expect(ids).toEqual(['c', undefined]);
});
