import { describe, expect, test } from 'vitest';
import { backoffMs } from '@launchlog/sdk/backoff';

describe('the wait before a retry', () => {
  test('is random between zero and a limit that doubles up to 15 s', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 1_000].map((attempt) => backoffMs(attempt, () => 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(backoffMs(9, () => 0)).toBe(0);
  });
});
