import { describe, expect, test } from 'vitest';
import { rowCapacity } from '@launchlog/console/log/list/row-capacity';

describe('the row capacity of the list', () => {
  test('is zero for no rows and never less than the number of rows', () => {
    expect(rowCapacity(0)).toBe(0);
    for (const count of [1, 63, 64, 65, 1_023, 1_024, 100_000, 131_071, 131_072, 200_000])
      expect(rowCapacity(count)).toBeGreaterThanOrEqual(count);
  });

  test('exceeds the number of rows by at most a sixteenth, except for short logs', () => {
    for (const count of [1_024, 2_047, 2_048, 65_537, 100_001, 200_000])
      expect(rowCapacity(count) - count).toBeLessThanOrEqual(count / 16);
  });

  test('changes so rarely that all layouts together visit a constant number of rows per line', () => {
    const last = 200_000;
    let walked = 0;
    for (let count = 1, before = 0; count <= last; count += 1) {
      const room = rowCapacity(count);
      if (room !== before) walked += room;
      before = room;
    }
    expect(walked / last).toBeLessThan(32);
  });
});
