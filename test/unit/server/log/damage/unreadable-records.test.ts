import { expect, test } from 'vitest';
import { damagedLine } from '@launchlog/server/log/damage/damaged-line';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { ReportingLogStore } from '@launchlog/server/log/reporting-log-store';
import { FakeClock } from '../../../../support/fake/fake-clock.js';
import { logLines } from '../../../../support/log/log-lines.js';

const ALL = { from: { afterSeq: 0 }, limit: 100 } as const;
const EPOCH = '00112233aabbccdd';

/** A store whose logs have these lines, and what is reported of them. */
function storeOf(lines: readonly string[], epoch = EPOCH) {
  const reports: unknown[] = [];
  const slice = { epoch, linesFrom: 1, lines };
  const store = new ReportingLogStore({
    store: { read: () => Promise.resolve(slice), probe: () => Promise.resolve() } as unknown as NodeLogStore,
    clock: new FakeClock(),
    onRefused: () => undefined,
    onUnreadable: (record) => reports.push(record),
  });
  return { store, reports };
}

const [first = '', second = '', third = ''] = logLines(1, 3);

test.each([
  ['no JSON', 'written over'],
  ['no object', '[1]'],
  ['cut short', second.slice(0, -5)],
  ['an entry of another place', third],
])('a record that is %s is reported once, however often its log is read', async (_, line) => {
  const { store, reports } = storeOf([first, line, third]);
  for (let read = 0; read < 5; read += 1) await store.read('node-1', ALL);
  expect(reports).toEqual([{ nodeId: 'node-1', epoch: EPOCH, seq: 2 }]);
  await store.read('node-2', ALL);
  expect(reports).toHaveLength(2);
});

test('the first one stands for all of its log', async () => {
  const { store, reports } = storeOf(['x', 'y', third]);
  await store.read('node-1', ALL);
  expect(reports).toEqual([{ nodeId: 'node-1', epoch: EPOCH, seq: 1 }]);
});

test('entries in another order of fields, with words of another release, and damage that the store knows are not reported', async () => {
  const foreign = JSON.stringify({ message: 'hello', seq: 2, level: 'a-word-of-the-future' });
  const { store, reports } = storeOf([first, foreign, damagedLine(3)]);
  await store.read('node-1', ALL);
  expect(reports).toEqual([]);
});
