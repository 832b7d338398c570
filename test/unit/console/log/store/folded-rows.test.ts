import { describe, expect, test } from 'vitest';
import type { Phase } from '@launchlog/shared/phase';
import type { BufferItem, LogFold, ShownRow } from '@launchlog/console/log/line/log-row';
import { LogStore } from '@launchlog/console/log/store/log-store';
import { SHOW_ALL } from '@launchlog/console/log/store/row-filter';
import { searchLines } from '@launchlog/console/log/search/search-lines';
import { frameDrawn } from '../../../../support/fake/timer-frame.js';

function item(
  seq: number,
  message: string,
  rest: { phase?: Phase; level?: 'info' | 'error' } = {},
): BufferItem {
  const { phase = 'installing', level = 'info' } = rest;
  const timestamp = new Date(seq * 1_000).toISOString();
  return {
    kind: 'entry',
    nodeId: 'one',
    entry: { seq, timestamp, level, message, phase, source: 'instance' },
  };
}

function openStore({ hasPhases = true, capRows = 1_000 } = {}) {
  const frames: (() => void)[] = [];
  const store = new LogStore({
    schedule: (callback) => {
      frames.push(callback);
      return () => frames.splice(0);
    },
    openPort: (onAnswer) => ({
      post: (request) => queueMicrotask(() => onAnswer(searchLines(request))),
      close: () => undefined,
    }),
    capRows,
    hasPhases,
  });
  const frame = async () => {
    await frameDrawn();
    for (const callback of frames.splice(0)) callback();
  };
  const push = async (...items: BufferItem[]) => {
    store.push(items);
    await frame();
  };
  return { store, push, frame };
}

const told = (row: ShownRow) =>
  row.kind === 'fold' ? `${row.isOpen ? '-' : '+'} ${row.what} ${row.lines}` : row.text;
const shown = (store: LogStore) => store.getSnapshot().rows.map(told);
const folds = (store: LogStore) =>
  store.getSnapshot().rows.filter((row): row is LogFold => row.kind === 'fold');

/** This many lines of a package manager. */
const packages = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => item(from + index, ` + package-${index}==1.${index}.0`));

describe('the groups of a log', () => {
  test('each run of a phase has a heading that counts its lines, and an empty log has none', async () => {
    const { store, push } = openStore();
    expect(shown(store)).toEqual([]);
    expect(store.getSnapshot().canFold).toBe(false);
    await push(item(1, 'a', { phase: 'queued' }), item(2, 'b'), item(3, 'c'));
    expect(shown(store)).toEqual(['- phase 1', 'a', '- phase 2', 'b', 'c']);
    await push(item(4, 'd', { phase: 'queued' }));
    expect(shown(store)).toEqual(['- phase 1', 'a', '- phase 2', 'b', 'c', '- phase 1', 'd']);
  });

  test('a closed phase stays closed while its lines come, and counts them and their errors', async () => {
    const { store, push } = openStore();
    await push(item(1, 'a', { phase: 'queued' }), item(2, 'b'));
    store.fold({ what: 'phase', group: 2 }, false);
    await push(item(3, 'c', { level: 'error' }), { kind: 'mark', nodeId: 'one', tone: 'warn', text: 'gap' });
    expect(shown(store)).toEqual(['- phase 1', 'a', '+ phase 2', 'gap']);
    expect(folds(store).at(-1)).toMatchObject({ errors: 1, warnings: 0 });
    expect(store.getSnapshot()).toMatchObject({ shownLines: 3, foldedLines: 2, arrivedRows: 4 });
    store.fold({ what: 'phase', group: 2 }, true);
    expect(shown(store)).toEqual(['- phase 1', 'a', '- phase 2', 'b', 'c', 'gap']);
  });

  test('a run of lines about packages becomes a closed list as soon as it is long, and ends with the first other line', async () => {
    const { store, push } = openStore();
    await push(item(1, 'Installing vLLM into a new environment with uv'), ...packages(2, 7));
    expect(shown(store)).toHaveLength(9);
    await push(...packages(9, 3));
    expect(shown(store)).toEqual([
      '- phase 11',
      'Installing vLLM into a new environment with uv',
      '+ packages 10',
    ]);
    await push(item(12, 'Installed.'), item(13, ' + late==1.0'));
    expect(shown(store).slice(2)).toEqual(['+ packages 10', 'Installed.', ' + late==1.0']);
  });

  test('an error among packages is never part of a list', async () => {
    const { store, push } = openStore();
    await push(
      ...packages(1, 9),
      item(10, 'Downloading torch (500MiB)', { level: 'error' }),
      ...packages(11, 9),
    );
    expect(shown(store)).toEqual([
      '- phase 19',
      '+ packages 9',
      'Downloading torch (500MiB)',
      '+ packages 9',
    ]);
  });

  test('fewer lines about packages are no list', async () => {
    const { store, push } = openStore();
    await push(...packages(1, 7), item(8, 'done'));
    expect(shown(store)).toHaveLength(9);
    expect(store.getSnapshot().foldedLines).toBe(0);
  });

  test('revealing a line opens its phase and its list, and no other', async () => {
    const { store, push } = openStore();
    await push(item(1, 'a', { phase: 'queued' }), ...packages(2, 9), item(11, 'b'), ...packages(12, 9));
    store.foldAll(false);
    expect(shown(store)).toEqual(['+ phase 1', '+ phase 19']);
    const index = store.indexOfSeq(15);
    const row = store.getSnapshot().passed[index ?? -1];
    if (row === undefined) throw new Error('line 15 is not held');
    expect(store.indexOfRow(row)).toBeUndefined();
    expect(store.reveal(row)).toBe(true);
    expect(shown(store).slice(0, 5)).toEqual([
      '+ phase 1',
      '- phase 19',
      '+ packages 9',
      'b',
      '- packages 9',
    ]);
    expect(store.indexOfRow(row)).toBe(8);
    expect(store.reveal(row)).toBe(false);
  });

  test('a search finds lines that are folded, and their heading counts them', async () => {
    const { store, push, frame } = openStore();
    await push(item(1, 'torch is next'), ...packages(2, 9));
    store.setQuery({ text: 'package-', isRegex: false, matchCase: false });
    await frame();
    expect(store.getSnapshot().matches).toHaveLength(9);
    expect(folds(store).map((fold) => store.matchesIn(fold))).toEqual([9, 9]);
    await push(...packages(11, 2));
    await frame();
    expect(folds(store).map((fold) => store.matchesIn(fold))).toEqual([11, 11]);
  });

  test('choices outlive a filter and the oldest lines', async () => {
    const { store, push } = openStore({ capRows: 20 });
    await push(item(1, 'a', { phase: 'queued' }), item(2, 'b'));
    store.fold({ what: 'phase', group: 2 }, false);
    store.setFilter({ ...SHOW_ALL, levels: new Set(['error']) });
    await push(item(3, 'c', { level: 'error' }));
    expect(shown(store)).toEqual(['+ phase 1']);
    store.setFilter(SHOW_ALL);
    for (let seq = 4; seq <= 40; seq += 1) await push(item(seq, `line ${seq}`));
    expect(folds(store)).toMatchObject([{ what: 'phase', group: 2, isOpen: false }]);
    expect(shown(store)).toHaveLength(1);
    expect(store.getSnapshot().foldedLines).toBe(store.getSnapshot().shownLines);
  });

  test('in the logs of several nodes phases have no headings, and lists have', async () => {
    const { store, push } = openStore({ hasPhases: false });
    await push(item(1, 'a', { phase: 'queued' }), item(2, 'b'), ...packages(3, 9));
    expect(shown(store)).toEqual(['a', 'b', '+ packages 9']);
  });
});
