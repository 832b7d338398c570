import { describe, expect, test } from 'vitest';
import { drawnRows } from '@launchlog/console/log/list/drawn-rows';

const view = { startIndex: 100, endIndex: 129, overscan: 20, count: 1_000 };
const ends = (rows: readonly number[]) => [rows.at(0), rows.at(-1), rows.length];

describe('the rows that become elements', () => {
  test('are those in view and some around them', () => {
    expect(ends(drawnRows(view, false, 30))).toEqual([80, 149, 70]);
    expect(ends(drawnRows({ ...view, startIndex: 0, endIndex: 29 }, false, 30))).toEqual([0, 49, 50]);
    expect(ends(drawnRows({ ...view, startIndex: 980, endIndex: 999 }, false, 30))).toEqual([960, 999, 40]);
  });

  test('are those at the end while it is followed, however many arrived since the last frame', () => {
    expect(ends(drawnRows(view, true, 30))).toEqual([950, 999, 50]);
  });

  test('fill the view even if it held fewer and taller rows before', () => {
    expect(ends(drawnRows({ ...view, startIndex: 100, endIndex: 102 }, true, 30))).toEqual([950, 999, 50]);
  });

  test('are empty for a log without lines', () => {
    expect(drawnRows({ startIndex: 0, endIndex: 0, overscan: 20, count: 0 }, true, 30)).toEqual([]);
  });
});
