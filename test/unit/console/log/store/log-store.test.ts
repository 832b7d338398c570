import { describe, expect, test } from 'vitest';
import type { BufferItem } from '@launchlog/console/log/line/log-row';
import { LogStore } from '@launchlog/console/log/store/log-store';
import { SHOW_ALL } from '@launchlog/console/log/store/row-filter';
import { searchLines } from '@launchlog/console/log/search/search-lines';
import type { SearchRequest } from '@launchlog/console/log/search/search-worker-protocol';
import { frameDrawn } from '../../../../support/fake/timer-frame.js';

function item(seq: number, level: 'info' | 'error' = 'info', message = `line ${seq}`): BufferItem {
  const timestamp = new Date(seq).toISOString();
  return {
    kind: 'entry',
    nodeId: 'one',
    entry: { seq, timestamp, level, message, phase: 'installing', source: 'instance' },
  };
}

function openStore(capRows = 1_000, onSearch: (request: SearchRequest) => void = () => undefined) {
  const frames: (() => void)[] = [];
  const store = new LogStore({
    schedule: (callback) => {
      frames.push(callback);
      return () => frames.splice(0);
    },
    openPort: (onAnswer) => ({
      post: (request) => {
        onSearch(request);
        queueMicrotask(() => onAnswer(searchLines(request)));
      },
      close: () => undefined,
    }),
    capRows,
  });
  let changes = 0;
  store.subscribe(() => (changes += 1));
  return {
    store,
    changes: () => changes,
    frame: async () => {
      // The search answers between frames.
      await frameDrawn();
      for (const callback of frames.splice(0)) callback();
    },
  };
}

const seqs = (store: LogStore) =>
  store.getSnapshot().rows.flatMap((row) => (row.kind === 'line' ? [row.entry.seq] : []));

describe('the store of a log view', () => {
  test('everything that arrives within one frame is one change', async () => {
    const { store, changes, frame } = openStore();
    for (let seq = 1; seq <= 500; seq += 1) store.push([item(seq)]);
    expect(changes()).toBe(0);
    await frame();
    expect(changes()).toBe(1);
    expect(store.getSnapshot().rows).toHaveLength(500);
  });

  test('a filter applies to existing and new lines, and marks stay', async () => {
    const { store, frame } = openStore();
    store.push([item(1), item(2, 'error'), { kind: 'mark', nodeId: 'one', tone: 'warn', text: 'gap' }]);
    await frame();
    store.setFilter({ ...SHOW_ALL, levels: new Set(['error']) });
    store.push([item(3), item(4, 'error')]);
    await frame();
    expect(seqs(store)).toEqual([2, 4]);
    expect(store.getSnapshot().rows.map((row) => row.kind)).toEqual(['line', 'mark', 'line']);
    expect(store.getSnapshot().levelCounts).toMatchObject({ info: 2, error: 2 });
  });

  test('only rows that arrive count as new, not those that a filter brings back', async () => {
    const { store, frame } = openStore();
    store.setFilter({ ...SHOW_ALL, levels: new Set(['error']) });
    store.push([item(1), item(2, 'error')]);
    await frame();
    expect(store.getSnapshot().arrivedRows).toBe(1);
    store.setFilter(SHOW_ALL);
    expect(store.getSnapshot().arrivedRows).toBe(1);
  });

  test('a search finds existing and new lines', async () => {
    const { store, frame } = openStore();
    store.push([item(1), item(2), item(12)]);
    await frame();
    store.setQuery({ text: 'line 1', isRegex: false, matchCase: false });
    await frame();
    expect(store.getSnapshot().matches).toEqual([0, 2]);
    store.push([item(13)]);
    await frame();
    await frame();
    expect(store.getSnapshot().matches).toEqual([0, 2, 3]);
  });

  test('a search stays correct after old lines were dropped', async () => {
    const { store, frame } = openStore(20);
    store.setQuery({ text: 'line', isRegex: false, matchCase: false });
    for (let seq = 1; seq <= 45; seq += 1) {
      store.push([item(seq)]);
      await frame();
    }
    await frame();
    const { rows, matches, droppedRows } = store.getSnapshot();
    expect(rows.length + droppedRows).toBe(45);
    expect(matches).toEqual(rows.map((_, index) => index));
  });

  test('lines that arrive while old ones are dropped are searched and count as new, and no line is searched twice', async () => {
    const searched: number[] = [];
    const { store, frame } = openStore(20, (request) => searched.push(...request.ids));
    store.setQuery({ text: 'line', isRegex: false, matchCase: false });
    for (let seq = 1; seq <= 45; seq += 1) {
      store.push([item(seq)]);
      await frame();
    }
    expect(store.getSnapshot().droppedRows).toBeGreaterThan(0);
    expect(store.getSnapshot().arrivedRows).toBe(45);
    await frame();
    expect(searched).toEqual(Array.from({ length: 45 }, (_, index) => index + 1));
  });

  test('a filter moves the matches to the new indexes of their lines', async () => {
    const { store, frame } = openStore();
    store.push([item(1), item(2, 'error'), item(12, 'error'), item(13)]);
    store.setQuery({ text: 'line 1', isRegex: false, matchCase: false });
    await frame();
    await frame();
    expect(store.getSnapshot().matches).toEqual([0, 2, 3]);
    store.setFilter({ ...SHOW_ALL, levels: new Set(['error']) });
    expect(store.getSnapshot().matches).toEqual([1]);
    store.setQuery({ text: 'line 2', isRegex: false, matchCase: false });
    await frame();
    expect(store.getSnapshot().matches).toEqual([0]);
  });

  test('a progress bar whose text changes starts or stops matching in place', async () => {
    const { store, frame } = openStore();
    store.setQuery({ text: '20%', isRegex: false, matchCase: false });
    store.push([item(1), item(2, 'info', 'x: 20%| |')]);
    await frame();
    await frame();
    expect(store.getSnapshot().matches).toEqual([1]);
    store.push([item(3, 'info', 'x: 30%| |')]);
    await frame();
    await frame();
    expect(store.getSnapshot().matches).toEqual([]);
  });

  test('a line is found by its seq, even one that was folded away', async () => {
    const { store, frame } = openStore();
    store.push([item(1), item(2, 'info', 'x: 10%| |'), item(3, 'info', 'x: 20%| |'), item(4)]);
    await frame();
    expect(store.indexOfSeq(2)).toBe(1);
    expect(store.indexOfSeq(4)).toBe(2);
    expect(store.indexOfSeq(5)).toBeUndefined();
    expect(store.indexOfSeq(4, 2)).toBe(2);
    expect(store.indexOfSeq(2, 2)).toBeUndefined();
  });
});
