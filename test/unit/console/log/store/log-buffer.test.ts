import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BufferItem } from '@launchlog/console/log/line/log-row';
import { LogBuffer } from '@launchlog/console/log/store/log-buffer';
import type { LogEntry } from '@launchlog/shared/log-entry';

function item(
  seq: number,
  message = `line ${seq}`,
  rest: Partial<LogEntry> & { nodeId?: string } = {},
): Extract<BufferItem, { kind: 'entry' }> {
  const { nodeId = 'one', ...entry } = rest;
  const timestamp = new Date(1_000_000 + seq * 10).toISOString();
  return {
    kind: 'entry' as const,
    nodeId,
    entry: { seq, timestamp, level: 'info', message, phase: 'installing', source: 'instance', ...entry },
  };
}

const texts = (buffer: LogBuffer) => buffer.rows.map((row) => row.text);
const bar = (percent: number) => `Loading shards: ${percent}% Completed | x`;

describe('a log buffer', () => {
  test('rows keep the order of arrival', () => {
    const buffer = new LogBuffer();
    buffer.append([item(1), item(2)]);
    expect(buffer.append([item(3)])).toMatchObject({
      added: [{ text: 'line 3' }],
      revised: [],
      dropped: false,
    });
    expect(texts(buffer)).toEqual(['line 1', 'line 2', 'line 3']);
  });

  test('a clock that goes back reorders neither the lines of a node nor their times', () => {
    const buffer = new LogBuffer();
    buffer.append([item(2), item(3, 'later', { timestamp: new Date(0).toISOString() })]);
    buffer.append([item(1, 'other', { nodeId: 'two' })]);
    expect(texts(buffer)).toEqual(['line 2', 'later', 'other']);
    expect(buffer.rows[1]?.timeMs).toBe(buffer.rows[0]?.timeMs);
  });

  test('the states of a progress bar become one line that knows the first and the last of them', () => {
    const buffer = new LogBuffer();
    buffer.append([item(1), item(2, bar(10)), item(3, bar(20))]);
    const change = buffer.append([item(4, bar(30))]);
    expect(change.revised).toHaveLength(1);
    expect(buffer.rows[1]).toMatchObject({ text: bar(30), firstSeq: 2, folded: 2, entry: { seq: 4 } });
  });

  test('a bar ends at another line, at another level and at a mark', () => {
    const buffer = new LogBuffer();
    buffer.append([item(1, bar(1)), item(2), item(3, bar(2)), item(4, bar(3), { level: 'warn' })]);
    buffer.append([
      { kind: 'mark', nodeId: 'one', tone: 'warn', text: 'mark' },
      item(5, bar(4), { level: 'warn' }),
    ]);
    expect(texts(buffer)).toEqual([bar(1), 'line 2', bar(2), bar(3), 'mark', bar(4)]);
  });

  test('a bar is folded even if lines of other nodes come between its states', () => {
    const buffer = new LogBuffer();
    buffer.append([item(1, bar(1)), item(2, 'other', { nodeId: 'two' }), item(3, bar(2))]);
    expect(texts(buffer)).toEqual([bar(2), 'other']);
  });

  test('however nodes and batches are mixed, nothing is lost or moved, and the times of a node never decrease', () => {
    const arrivals = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), fc.nat(500)), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 9 }), (list, batch) => {
        const buffer = new LogBuffer();
        const seqs = new Map<string, number>();
        const items = list.map(([nodeId, time]) => {
          const seq = (seqs.get(nodeId) ?? 0) + 1;
          seqs.set(nodeId, seq);
          return item(seq, `${nodeId} ${seq}`, { nodeId, timestamp: new Date(time).toISOString() });
        });
        for (let at = 0; at < items.length; at += batch) buffer.append(items.slice(at, at + batch));
        expect(texts(buffer)).toEqual(items.map(({ entry }) => entry.message));
        for (const nodeId of seqs.keys()) {
          const times = buffer.rows.filter((row) => row.nodeId === nodeId).map((row) => row.timeMs);
          expect(times).toEqual(times.toSorted((one, other) => one - other));
        }
      }),
    );
  });

  test('beyond the limit the oldest rows are dropped and counted', () => {
    const buffer = new LogBuffer(100);
    const change = buffer.append(Array.from({ length: 101 }, (_, index) => item(index + 1)));
    expect(change.dropped).toBe(true);
    expect(buffer.rows).toHaveLength(90);
    expect(buffer.droppedRows).toBe(11);
    expect(buffer.rows[0]).toMatchObject({ entry: { seq: 12 } });
  });
});
