import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { NewAuditEntry } from '@launchlog/server/audit/audit-store';
import { AuditWindows } from '@launchlog/server/audit/audit-windows';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const WINDOW_MS = 10 * 60_000;
const REFUSED: NewAuditEntry = {
  action: 'node.cancel',
  outcome: 'refused',
  actor: 'ci',
  tokenId: '550e8400-e29b-41d4-a716-446655440000',
  address: '192.0.2.1',
  code: 'node_not_found',
};

/** How many rows the entries become, and how many of these name a target. */
function rows(windows: AuditWindows, entries: readonly NewAuditEntry[]) {
  const begun = entries.map((entry) => windows.find(entry)).filter(({ isNew }) => isNew);
  return {
    rows: begun.length,
    named: begun.filter(({ window }) => window.entry.target !== undefined).length,
  };
}

const times = (count: number, make: (index: number) => NewAuditEntry) =>
  Array.from({ length: count }, (_, i) => make(i));

test('a refusal that is repeated is one row in a window, and another one in the next', async () => {
  const clock = new FakeClock();
  const windows = new AuditWindows(clock);
  expect(
    rows(
      windows,
      times(1_000, () => REFUSED),
    ).rows,
  ).toBe(1);
  await clock.advance(WINDOW_MS - 1);
  expect(rows(windows, [REFUSED]).rows).toBe(0);
  await clock.advance(1);
  expect(
    rows(
      windows,
      times(1_000, () => REFUSED),
    ).rows,
  ).toBe(1);
});

test('beyond its rows a known caller keeps its address, and unknown ones share a word for all of theirs', () => {
  const windows = new AuditWindows(new FakeClock());
  const sharedBy = (caller: Partial<NewAuditEntry>) => {
    const all = times(40, () => ({ ...REFUSED, ...caller, target: randomUUID() }));
    return all.map((entry) => windows.find(entry).window.entry).at(-1);
  };
  expect(sharedBy({})).toMatchObject({ actor: 'ci', address: '192.0.2.1', target: undefined });
  const unknown = sharedBy({ actor: undefined, tokenId: undefined });
  expect(unknown?.target).toBeUndefined();
  expect(unknown?.address).not.toBe('192.0.2.1');
});

test('refusals that differ in what matters are rows of their own', () => {
  const other: readonly Partial<NewAuditEntry>[] = [
    { tokenId: randomUUID() },
    { action: 'node.retry' },
    { outcome: 'failed' },
    { code: 'conflict' },
    { address: '192.0.2.2' },
    { target: randomUUID() },
  ];
  const windows = new AuditWindows(new FakeClock());
  expect(rows(windows, [REFUSED, ...other.map((changed) => ({ ...REFUSED, ...changed }))]).rows).toBe(7);
});

test('one caller who varies what it names gets a bounded number of rows', async () => {
  const clock = new FakeClock();
  const windows = new AuditWindows(clock);
  const guesses = () => times(10_000, () => ({ ...REFUSED, target: randomUUID() }));
  expect(rows(windows, guesses())).toEqual({ rows: 21, named: 20 });
  const shared = windows.find({ ...REFUSED, target: randomUUID() });
  expect(shared).toMatchObject({ isNew: false, window: { entry: { actor: 'ci', address: '192.0.2.1' } } });
  expect(rows(windows, [{ ...REFUSED, tokenId: randomUUID(), target: randomUUID() }]).named).toBe(1);
  await clock.advance(WINDOW_MS);
  expect(rows(windows, guesses())).toEqual({ rows: 21, named: 20 });
});

test('callers without a known token get a bounded number of rows together, from however many addresses', async () => {
  const clock = new FakeClock();
  const windows = new AuditWindows(clock);
  const unknown = (index: number): NewAuditEntry => ({
    action: 'token.refused',
    outcome: 'refused',
    address: `2001:db8::${index.toString(16)}`,
    code: 'invalid_admin_token',
  });
  expect(rows(windows, times(5_000, unknown)).rows).toBe(501);
  expect(windows.find(unknown(6_000)).window.entry.address).toBe('many');
  expect(rows(windows, [REFUSED]).rows).toBe(1);
  await clock.advance(WINDOW_MS);
  expect(windows.find(unknown(6_000)).window.entry.address).toBe('2001:db8::1770');
});

test('what was done is a row each, until the very same was done ten times in a window', async () => {
  const clock = new FakeClock();
  const windows = new AuditWindows(clock);
  const done = { ...REFUSED, outcome: 'ok', code: undefined } as const;
  expect(
    rows(
      windows,
      times(500, () => ({ ...done, target: randomUUID() })),
    ).rows,
  ).toBe(500);
  expect(
    rows(
      windows,
      times(500, () => done),
    ).rows,
  ).toBe(10);
  expect(rows(windows, [{ ...done, address: '192.0.2.2' }]).rows).toBe(1);
  await clock.advance(WINDOW_MS);
  expect(rows(windows, [done]).rows).toBe(1);
});

test('open rows cost bounded memory: the oldest are closed', () => {
  const windows = new AuditWindows(new FakeClock());
  const first: NewAuditEntry = { action: 'log.export', outcome: 'ok', actor: 'ci', address: 'x' };
  expect(
    rows(
      windows,
      times(10, () => first),
    ).rows,
  ).toBe(10);
  expect(
    rows(
      windows,
      times(20_000, () => ({ ...first, target: randomUUID() })),
    ).rows,
  ).toBe(20_000);
  expect(windows.find(first).isNew).toBe(true);
});
