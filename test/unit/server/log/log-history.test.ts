import { expect, test, vi } from 'vitest';
import { LogHistory } from '@launchlog/server/log/log-history';
import { HistoryReader } from '@launchlog/server/feed/history-reader';
import { SLICE_MAX_BYTES } from '@launchlog/server/log/slice-size';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import { FakeLogStore } from '../../../support/fake/fake-log-store.js';
import { batchOf, logLine, logLines } from '../../../support/log/log-lines.js';

const NODE = 'n';

async function storeOf(lines: readonly string[]) {
  const store = new FakeLogStore();
  const epoch = await begin(store);
  await store.append(batchOf({ nodeId: NODE, epoch }, 1, lines));
  return store;
}

async function begin(store: FakeLogStore, renewal?: string): Promise<string> {
  const claim = await store.claim(NODE, 1, renewal);
  if (claim.kind !== 'claimed') throw new Error('fenced');
  return claim.epoch;
}

async function kindsOf(walk: AsyncIterable<{ kind: string }>): Promise<string[]> {
  const kinds: string[] = [];
  for await (const { kind } of walk) kinds.push(kind);
  return kinds;
}

test('a walk covers the log as it was when it was opened, 256 entries a read', async () => {
  const store = await storeOf(logLines(1, 600));
  const history = await LogHistory.open(store, NODE);
  await store.append(batchOf({ nodeId: NODE, epoch: history.epoch }, 601, logLines(601, 700)));
  const lines: string[] = [];
  const read = vi.spyOn(store, 'read');
  for await (const step of history.forwards(0)) if (step.kind === 'slice') lines.push(...step.entries);
  expect(lines).toEqual(logLines(1, 600));
  expect(read).toHaveBeenCalledTimes(3);
});

test('the entries that were read along with the end of the log are not read again', async () => {
  const store = await storeOf(logLines(1, 600));
  const read = vi.spyOn(store, 'read');
  const history = await LogHistory.open(store, NODE, { tail: 100 });
  const { value } = await history.forwards(500).next();
  expect(value).toEqual({ kind: 'slice', from: 501, entries: logLines(501, 600) });
  const { value: latest } = await history.backwards().next();
  expect(latest).toEqual(value);
  expect(read).toHaveBeenCalledTimes(1);
});

/** Lines of 100 bytes, then of 64 KB, then of 100 bytes again, and so on. */
const UNEVEN = Array.from({ length: 900 }, (_, index) =>
  logLine(index + 1, { message: 'x'.repeat(index % 300 < 200 ? 100 : 63 * 1024) }),
);

test.each(['forwards', 'backwards'] as const)(
  'no slice is larger than what one turn of the event loop may take, however long the lines are, %s',
  async (direction) => {
    const store = await storeOf(UNEVEN);
    const history = await LogHistory.open(store, NODE, { tail: 10_000 });
    const read: string[] = [];
    let largest = 0;
    for await (const step of direction === 'forwards' ? history.forwards(0) : history.backwards()) {
      if (step.kind !== 'slice') throw new Error(step.kind);
      largest = Math.max(largest, step.entries.join('').length);
      read.push(...(direction === 'forwards' ? step.entries : step.entries.toReversed()));
    }
    expect(direction === 'forwards' ? read : read.toReversed()).toEqual(UNEVEN);
    expect(largest).toBeLessThanOrEqual(SLICE_MAX_BYTES);
  },
);

test('after long lines, slices have many entries again', async () => {
  const store = await storeOf(UNEVEN);
  const read = vi.spyOn(store, 'read');
  const history = await LogHistory.open(store, NODE);
  await kindsOf(history.forwards(0));
  expect(read.mock.calls.length).toBeLessThan(130);
});

test('the blocks that readers of a log share are no larger, and have every entry once', async () => {
  const store = await storeOf(UNEVEN);
  const reader = new HistoryReader(store, NODE);
  const seqs: number[] = [];
  while (seqs.length < UNEVEN.length) {
    const { items } = await reader.after(seqs.length);
    const fresh = items.map(({ record }) => record).filter(({ seq }) => seq > seqs.length);
    expect(fresh.reduce((sum, { json }) => sum + json.length, 0)).toBeLessThanOrEqual(SLICE_MAX_BYTES);
    expect(fresh.length).toBeGreaterThan(0);
    seqs.push(...fresh.map(({ seq }) => seq));
  }
  expect(seqs).toEqual(UNEVEN.map((_, index) => index + 1));
});

test('a walk ends with the change when the log is cleared, begins again or has lost entries', async () => {
  const cleared = await storeOf(logLines(1, 600));
  const ofCleared = await LogHistory.open(cleared, NODE);
  await cleared.clear();
  expect(await kindsOf(ofCleared.forwards(0))).toEqual(['changed']);

  const renewed = await storeOf(logLines(1, 600));
  const ofRenewed = await LogHistory.open(renewed, NODE);
  await begin(renewed, 'b'.repeat(16));
  expect(await kindsOf(ofRenewed.backwards())).toEqual(['slice', 'changed']);

  const rewound = await storeOf(logLines(1, 600));
  const ofRewound = await LogHistory.open(rewound, NODE);
  const { view } = ofRewound;
  vi.spyOn(rewound, 'read').mockResolvedValue({ ...view, lastSeq: 599, lines: [], linesFrom: 600 });
  expect(await kindsOf(ofRewound.forwards(0))).toEqual(['changed']);
});

test('a log that never began or was cleared is an empty one of the unborn epoch', async () => {
  const store = new FakeLogStore();
  const unborn = await LogHistory.open(store, NODE);
  const cleared = await storeOf(logLines(1, 5));
  await cleared.clear();
  for (const history of [unborn, await LogHistory.open(cleared, NODE)]) {
    expect(history).toMatchObject({ isAbsent: true, epoch: UNBORN_EPOCH, firstSeq: 1, lastSeq: 0 });
    expect(history.gapAfter(0)).toBeUndefined();
    expect([...(await kindsOf(history.forwards(0))), ...(await kindsOf(history.backwards()))]).toEqual([]);
  }
});

test('readers that wait for the same block get it in different turns of the event loop', async () => {
  const reader = new HistoryReader(await storeOf(logLines(1, 600)), NODE);
  let turns = 0;
  let waiting = 8;
  const count = () => {
    turns += 1;
    if (waiting > 0) setImmediate(count);
  };
  count();
  const read = async () => {
    const { items } = await reader.after(0);
    waiting -= 1;
    return [items.length, turns];
  };
  const got = await Promise.all(Array.from({ length: waiting }, read));
  expect(got.map(([items]) => items)).toEqual(got.map(() => 256));
  expect(new Set(got.map(([, turn]) => turn)).size).toBe(8);
});
