import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { LogRecord } from '@launchlog/server/log/log-record';
import type { FeedItem, FeedReader, FeedSink } from '@launchlog/server/feed/feed-item';
import { MergedFeed } from '@launchlog/server/merged-feed/merged-feed';
import { MemberList } from '../../../support/fake/member-list.js';
import { MemoryPositions } from '../../../support/fake/memory-positions.js';
import { MergedProbe } from '../../../support/log/merged-probe.js';

const EPOCH = '0123456789abcdef';
const NODES = 64;
const LINES = 128;
const LINE_BYTES = 32 * 1024;
const MB = 1024 * 1024;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A line that shares its memory with no other. */
function item(seq: number): FeedItem {
  const head = { seq, timestamp: new Date(Date.parse('2026-01-01T00:00:00Z') + seq).toISOString() };
  const rest = { level: 'info', phase: 'installing', source: 'instance', message: 'x'.repeat(LINE_BYTES) };
  const json = Buffer.from(JSON.stringify({ ...head, ...rest })).toString('latin1');
  return { kind: 'log', cursor: `${EPOCH}:${seq}`, record: new LogRecord({ epoch: EPOCH, seq }, json) };
}

/** Gives each reader all that is left of its log in one batch, as a block of history does. */
class Backlog {
  attach({ sink }: { sink: FeedSink }): FeedReader {
    let next = 1;
    const give = (): void => {
      const first = next;
      next = LINES + 1;
      if (first < next) sink.push(Array.from({ length: next - first }, (_, index) => item(first + index)));
    };
    queueMicrotask(give);
    return {
      get isLive() {
        return next > LINES;
      },
      resume: (afterSeq = LINES) => {
        next = Math.min(next, afterSeq + 1);
        queueMicrotask(give);
      },
      close: () => undefined,
    };
  }
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('a reader that does not read costs a few MB, though 256 MB of long lines wait for it', async () => {
  const members = new MemberList(() => Date.now());
  for (let count = 0; count < NODES; count += 1) members.add({ createdAtMs: 1 });
  const merged = new MergedFeed({
    feed: new Backlog(),
    store: {
      read: () => Promise.resolve({ epoch: undefined, cleared: false } as never),
      positions: new MemoryPositions(),
    },
    members,
    clock: systemClock,
    maxAgeMs: 3_600_000,
    random: Math.random,
  });
  open.push(merged);
  const before = usedBytes();
  const probe = MergedProbe.attach(merged, { room: 1 });
  open.push(probe);
  await expect.poll(() => merged.heldBytes).toBeGreaterThan(NODES * LINE_BYTES * 0.9);
  // Nothing waits for a timer here: what would still be read is read within these turns.
  for (let turn = 0; turn < 1_000; turn += 1) await new Promise(setImmediate);
  expect(usedBytes() - before).toBeLessThan(12 * MB);
}, 60_000);
