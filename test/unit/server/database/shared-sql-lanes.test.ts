import { expect, test } from 'vitest';
import { openSharedLanes } from '@launchlog/server/database/shared-sql-lanes';
import { NodeStoreUnavailableError } from '@launchlog/server/database/sql-database';
import { UnknownWords } from '@launchlog/server/database/unknown-words';
import { wordedLanes } from '@launchlog/server/database/worded-lanes';

/** One connection; each call ends when the test ends it. */
function heldDatabase() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const lanes = openSharedLanes({
    query: (text) => {
      begun.push(text);
      return new Promise((resolve) => ends.push(() => resolve([])));
    },
    script: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  const endFirst = async () => {
    ends.shift()?.();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { lanes, begun, endFirst };
}

test('leases go before reads, and reads before scans, whatever waits', async () => {
  const { lanes, begun, endFirst } = heldDatabase();
  for (let count = 0; count < 20; count += 1) void lanes.scans.query('scan', []);
  void lanes.reads.query('read', []);
  void lanes.own.query('lease', []);
  expect(begun).toEqual(['scan', 'read']);
  await endFirst();
  expect(begun).toEqual(['scan', 'read', 'lease']);
});

test('one scan runs at a time, so that a short call never waits for two', async () => {
  const { lanes, begun, endFirst } = heldDatabase();
  void lanes.scans.query('first', []);
  void lanes.scans.query('second', []);
  expect(begun).toEqual(['first']);
  await endFirst();
  expect(begun).toEqual(['first', 'second']);
});

test('lanes are exclusive where their database is', () => {
  const [query, script, close] = [
    () => Promise.resolve([]),
    () => Promise.resolve(),
    () => Promise.resolve(),
  ];
  for (const isExclusive of [true, undefined]) {
    const shared = openSharedLanes({ query, script, close, isExclusive });
    const worded = wordedLanes(shared, new UnknownWords(() => undefined));
    for (const lane of ['own', 'reads', 'scans'] as const) expect(worded[lane].isExclusive).toBe(isExclusive);
  }
});

test('scans that wait are bounded, and the others are not affected', async () => {
  const { lanes, begun } = heldDatabase();
  for (let count = 0; count < 51; count += 1) void lanes.scans.query('scan', []).catch(() => undefined);
  await expect(lanes.scans.query('scan', [])).rejects.toBeInstanceOf(NodeStoreUnavailableError);
  void lanes.own.query('lease', []);
  expect(begun).toEqual(['scan', 'lease']);
});

test('a backlog of our own work keeps neither reads nor scans waiting for its end', async () => {
  const { lanes, begun, endFirst } = heldDatabase();
  for (let count = 0; count < 100; count += 1) void lanes.own.query('ours', []);
  for (let count = 0; count < 2; count += 1) void lanes.scans.query('scan', []);
  for (let count = 0; count < 3; count += 1) void lanes.reads.query('read', []);
  for (let count = 0; count < 40; count += 1) await endFirst();
  const count = (text: string) => begun.filter((one) => one === text).length;
  expect(count('read')).toBe(3);
  expect(count('scan')).toBe(2);
  // The others are ours: a caller with many reads takes a small part of the turns.
  expect(begun.slice(0, 10).every((text) => text === 'ours')).toBe(true);
});
