import { describe, expect, test } from 'vitest';
import { backoffMs, ReopenPolicy } from '@launchlog/sdk/stream/backoff';

describe('the wait before a retry', () => {
  test('is random between zero and a limit that doubles up to 15 s', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 1_000].map((attempt) => backoffMs(attempt, () => 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(backoffMs(9, () => 0)).toBe(0);
  });

  test('is never shorter than the server asks for', () => {
    const policy = new ReopenPolicy(60_000);
    expect(policy.nextDelayMs()).toBeLessThanOrEqual(500);
    expect(policy.nextDelayMs(20)).toBe(20_000);
  });
});

test('a reader gives up if each attempt has failed for long enough, counted from the first failure', () => {
  let nowMs = 5_000;
  const policy = new ReopenPolicy(1_000, () => nowMs);
  expect(policy.shouldGiveUp()).toBe(false);
  nowMs += 999;
  expect(policy.shouldGiveUp()).toBe(false);
  policy.onReachable();
  nowMs += 5_000;
  expect(policy.shouldGiveUp()).toBe(false);
  nowMs += 1_000;
  expect(policy.shouldGiveUp()).toBe(true);
});
