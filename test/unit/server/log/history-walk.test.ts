import { expect, test } from 'vitest';
import {
  backwards,
  forwards,
  gapBetween,
  type HistorySource,
  type HistoryStep,
} from '@launchlog/server/log/history-walk';

/** Entries are their own seq. Reads aligned blocks, as the readers of one process share them. */
class BlockSource implements HistorySource<number> {
  readonly reads: number[] = [];
  firstSeq: number;
  readonly #lastSeq: number;
  readonly #block: number;
  /** Called before each read. */
  onRead: (read: number) => void = () => undefined;
  expired = false;
  changed = false;

  constructor(held: { firstSeq: number; lastSeq: number; block: number }) {
    this.firstSeq = held.firstSeq;
    this.#lastSeq = held.lastSeq;
    this.#block = held.block;
  }

  startOf(seq: number): number {
    return Math.floor((seq - 1) / this.#block) * this.#block;
  }

  after(seq: number) {
    this.onRead(this.reads.push(seq));
    if (this.changed) return Promise.resolve(undefined);
    const from = Math.max(this.startOf(seq + 1) + 1, this.firstSeq);
    const length = Math.max(0, Math.min(this.#block, this.#lastSeq + 1 - from));
    const entries = Array.from({ length }, (_, index) => from + index);
    return Promise.resolve({ from, entries, expired: this.expired });
  }
}

async function stepsOf(walk: AsyncIterable<HistoryStep<number>>) {
  const steps: string[] = [];
  for await (const step of walk) {
    if (step.kind === 'changed') steps.push('changed');
    else if (step.kind === 'gap') steps.push(`${step.gap.reason} ${step.gap.from_seq}-${step.gap.to_seq}`);
    else steps.push(sliceText(step.from, step.entries));
  }
  return steps;
}

function sliceText(from: number, entries: readonly number[]): string {
  if (entries.some((seq, index) => seq !== from + index)) throw new Error(`${from}: ${entries.join(' ')}`);
  return `${from}-${from + entries.length - 1}`;
}

const logOf = (firstSeq: number, lastSeq: number) => ({ firstSeq, lastSeq, expired: false });

test('forwards gives each entry after a seq once, in order, up to the end there was at the beginning', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 30, block: 8 });
  expect(await stepsOf(forwards(source, { lastSeq: 20 }, 5))).toEqual(['6-8', '9-16', '17-20']);
});

test('forwards begins with the gap where the oldest entries are not held any more', async () => {
  const source = new BlockSource({ firstSeq: 12, lastSeq: 20, block: 8 });
  expect(await stepsOf(forwards(source, { lastSeq: 20 }, 3))).toEqual(['trimmed 4-11', '12-19', '20-20']);
});

test('forwards reports entries that are trimmed during the walk where they are missing', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 24, block: 8 });
  source.onRead = (read) => (source.firstSeq = read === 2 ? 20 : source.firstSeq);
  expect(await stepsOf(forwards(source, { lastSeq: 24 }, 0))).toEqual(['1-8', 'trimmed 9-19', '20-24']);
});

test('forwards ends with a gap where nothing is held any more', async () => {
  const source = new BlockSource({ firstSeq: 25, lastSeq: 24, block: 8 });
  source.expired = true;
  expect(await stepsOf(forwards(source, { lastSeq: 24 }, 4))).toEqual(['expired 5-24']);
});

test('forwards gives nothing after the end of the log, and reads nothing', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 9, block: 8 });
  expect(await stepsOf(forwards(source, { lastSeq: 9 }, 9))).toEqual([]);
  expect(source.reads).toEqual([]);
});

test('backwards gives each entry once, the latest slice first', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 30, block: 8 });
  expect(await stepsOf(backwards(source, logOf(1, 20)))).toEqual(['17-20', '9-16', '1-8']);
});

test('backwards ends with the gap before the oldest entry, without a read of its own', async () => {
  const source = new BlockSource({ firstSeq: 12, lastSeq: 20, block: 8 });
  expect(await stepsOf(backwards(source, logOf(12, 20)))).toEqual(['17-20', '12-16', 'trimmed 1-11']);
  expect(source.reads).toHaveLength(2);
});

test('backwards ends with everything that was trimmed during the walk', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 24, block: 8 });
  source.onRead = (read) => (source.firstSeq = read === 2 ? 14 : source.firstSeq);
  expect(await stepsOf(backwards(source, logOf(1, 24)))).toEqual(['17-24', '14-16', 'trimmed 1-13']);
  source.onRead = () => (source.firstSeq = 22);
  source.firstSeq = 1;
  expect(await stepsOf(backwards(source, logOf(1, 18)))).toEqual(['trimmed 1-18']);
});

test('backwards reports a log of which nothing is held as one gap, without a read', async () => {
  const source = new BlockSource({ firstSeq: 10, lastSeq: 9, block: 8 });
  expect(await stepsOf(backwards(source, { ...logOf(10, 9), expired: true }))).toEqual(['expired 1-9']);
  expect(await stepsOf(backwards(source, logOf(1, 0)))).toEqual([]);
  expect(source.reads).toEqual([]);
});

test('a walk ends with the change where another log stands there now', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 24, block: 8 });
  source.onRead = (read) => (source.changed = read === 2);
  expect(await stepsOf(forwards(source, { lastSeq: 24 }, 0))).toEqual(['1-8', 'changed']);
  source.reads.length = 0;
  expect(await stepsOf(backwards(source, logOf(1, 24)))).toEqual(['17-24', 'changed']);
});

test('a walk reads no further than it is asked to', async () => {
  const source = new BlockSource({ firstSeq: 1, lastSeq: 80, block: 8 });
  for await (const step of backwards(source, logOf(1, 80))) if (step.kind === 'slice') break;
  for await (const step of forwards(source, { lastSeq: 80 }, 0)) if (step.kind === 'slice') break;
  expect(source.reads).toEqual([72, 0]);
});

test('there is no gap between neighbours', () => {
  expect(gapBetween({ afterSeq: 4, beforeSeq: 5, expired: false })).toBeUndefined();
  expect(gapBetween({ afterSeq: 4, beforeSeq: 6, expired: true })).toEqual({
    from_seq: 5,
    to_seq: 5,
    reason: 'expired',
  });
});
