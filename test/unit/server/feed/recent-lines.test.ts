import { expect, test } from 'vitest';
import { logItems, type Standing } from '@launchlog/server/feed/log-item';
import { RecentLines } from '@launchlog/server/feed/recent-lines';
import { logLine } from '../../../support/log/log-lines.js';

const EPOCH = 'a'.repeat(16);
const BOUNDS = { maxItems: 10, maxBytes: 1_000_000, batchItems: 4 };

/** Every third line changes the progress. */
function line(seq: number): string {
  return logLine(seq).replace(/\}$/, `,"progress":${Math.floor(seq / 3)}}`);
}

function push(recent: RecentLines, firstSeq: number, count: number, before?: Standing) {
  const lines = Array.from({ length: count }, (_, index) => line(firstSeq + index));
  const arrived = { epoch: EPOCH, firstSeq, lines, before };
  const items = logItems(arrived);
  recent.push(arrived, items);
  return items;
}

test('gives the same items as were delivered, from every position that it holds', () => {
  const recent = new RecentLines(BOUNDS);
  const delivered = push(recent, 1, 1);
  for (let seq = 2; seq <= 40; seq += 1) {
    const before: Standing = { phase: 'provisioning', progress: Math.floor((seq - 1) / 3) };
    delivered.push(...push(recent, seq, 1, before));
    const oldest = Math.max(1, seq - 9);
    expect(recent.after(oldest - 2)).toBeUndefined();
    for (let after = oldest - 1; after < seq; after += 1) {
      expect(recent.after(after)).toEqual(delivered.slice(after, Math.min(after + 4, seq)));
    }
    expect(recent.after(seq)).toBeUndefined();
  }
});

test('readers at one position share a batch until more arrives', () => {
  const recent = new RecentLines(BOUNDS);
  push(recent, 1, 3);
  const batch = recent.after(1);
  expect(recent.after(1)).toBe(batch);
  push(recent, 4, 1, { phase: 'provisioning', progress: 1 });
  expect(recent.after(1)).toHaveLength(3);
});

test('holds no more bytes than it may, and the next log only after it is cleared', () => {
  const recent = new RecentLines({ ...BOUNDS, maxBytes: 3 * line(1).length });
  push(recent, 1, 6);
  expect(recent.after(2)).toBeUndefined();
  expect(recent.after(3)).toHaveLength(3);
  recent.clear();
  expect(recent.after(3)).toBeUndefined();
  push(recent, 1, 2);
  expect(recent.after(0)).toHaveLength(2);
});
