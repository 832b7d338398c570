import { expect, test } from 'vitest';
import type { DamageReport } from '@launchlog/server/log/damage/damage-reports';
import { damagedLine } from '@launchlog/server/log/damage/damaged-line';
import type { LogFault } from '@launchlog/server/log/damage/log-fault';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { ReportingLogStore } from '@launchlog/server/log/reporting-log-store';
import { FakeClock } from '../../../../support/fake/fake-clock.js';
import { logLine, logLines } from '../../../../support/log/log-lines.js';

const ALL = { from: { afterSeq: 0 }, limit: 100 } as const;
const EPOCH = '00112233aabbccdd';

/** A store whose logs have these lines and faults, and what is reported of them. */
function storeOf(lines: readonly string[], faults: readonly LogFault[] = []) {
  const reports: DamageReport[] = [];
  const more: number[] = [];
  const clock = new FakeClock();
  const slice = { epoch: EPOCH, linesFrom: 1, lines, faults };
  const claim = { kind: 'claimed', epoch: EPOCH, lastSeq: 0, faults };
  const inner = {
    read: () => Promise.resolve(slice),
    claim: () => Promise.resolve(claim),
    probe: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const store = new ReportingLogStore({
    store: inner as unknown as NodeLogStore,
    clock,
    onRefused: () => undefined,
    onDamaged: (report) => reports.push(report),
    onMoreDamaged: (logs) => more.push(logs),
  });
  const found = () =>
    reports.map(({ nodeId, faults: all }) => [
      nodeId,
      ...all.map((fault) => `${fault.field}: ${fault.found}`),
    ]);
  return { store, clock, reports, more, found };
}

const [first = '', second = '', third = ''] = logLines(1, 3);

test.each([
  ['no JSON', 'written over'],
  ['no object', '[1]'],
  ['null', 'null'],
  ['cut short', second.slice(0, -5)],
  ['an entry of another place', third],
])('a record that is %s is reported once, however often its log is read', async (_, line) => {
  const { store, found, reports } = storeOf([first, line, third]);
  for (let read = 0; read < 5; read += 1) await store.read('node-1', ALL);
  expect(found()).toEqual([['node-1', `entry: 2: ${line.slice(0, 97)}${line.length > 97 ? '…' : ''}`]]);
  expect(reports[0]?.faults[0]?.done).toBe('readers get a gap in its place');
  await store.read('node-2', ALL);
  expect(reports).toHaveLength(2);
});

test('the first one stands for all of its log', async () => {
  const { store, found } = storeOf(['x', 'y', third]);
  await store.read('node-1', ALL);
  expect(found()).toEqual([['node-1', 'entry: 1: x']]);
});

test('a word of another release is reported once, however many logs have it, and an entry of ours never', async () => {
  const foreign = logLine(2, {
    message: 'a ","phase":"x","source":"y" b',
    details: { a: '"}', b: 1 },
    progress: 7,
  })
    .replace('"info"', '"a-level"')
    .replace('"orchestrator"', '"a-source"')
    .replace('"provisioning"', '"a-phase"');
  const ours = logLine(1, {
    message: 'a ","phase":"x","source":"y" b \\',
    details: { a: '"}', b: 1 },
    progress: 7,
  });
  const { store, found } = storeOf([ours, foreign, damagedLine(3)]);
  for (const node of ['node-1', 'node-2', 'node-1']) await store.read(node, ALL);
  expect(found()).toEqual([['node-1', 'level: a-level', 'source: a-source', 'phase: a-phase']]);
});

test('what was found is on one line and short, for what a terminal would make of it', async () => {
  const { store, found } = storeOf(
    [],
    [{ field: 'epoch', found: `a\nid: forged\u001b[31m\u202e${'x'.repeat(500)}` }],
  );
  await store.claim('node-1', 1);
  expect(found()).toEqual([
    ['node-1', expect.stringMatching(/^epoch: a\\u000aid: forged\\u001b\[31m\\u202ex{50,90}…$/)],
  ]);
});

test('each field of a log is reported when it is found first', async () => {
  const faults: LogFault[] = [{ field: 'seq', found: '-7' }];
  const { store, found } = storeOf([first], faults);
  await store.read('node-1', ALL);
  faults.push({ field: 'began', found: 'x' });
  await store.read('node-1', ALL);
  await store.read('node-1', ALL);
  expect(found()).toEqual([
    ['node-1', 'seq: -7'],
    ['node-1', 'began: x'],
  ]);
});

test('of 5,000 damaged logs twenty in a minute are reported, the others are counted, and all are in the metrics', async () => {
  const { store, clock, reports, more } = storeOf([first], [{ field: 'seq', found: '-7' }]);
  for (let node = 0; node < 5_000; node += 1) await store.read(`node-${node}`, ALL);
  expect([reports.length, more]).toEqual([20, []]);
  await clock.advance(60_000);
  expect([reports.length, more]).toEqual([20, [4_980]]);
  for (let node = 0; node < 5_000; node += 1) await store.read(`node-${node}`, ALL);
  await clock.advance(60_000);
  expect([reports.length, more]).toEqual([20, [4_980]]);
  expect(store.damagedLogs.get('seq')).toBe(5_000);
  await store.close();
});
