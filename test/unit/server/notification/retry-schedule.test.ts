import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATTEMPTS_MAX, RETRY_DELAYS_MS, retryDelayMs } from '@launchlog/server/notification/retry-schedule';

const HOUR_MS = 3_600_000;

describe('the retries of a notification', () => {
  test('are eight attempts in about a day, each wait longer than the one before', () => {
    expect(ATTEMPTS_MAX).toBe(8);
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(total / HOUR_MS).toBeGreaterThan(22);
    expect(total / HOUR_MS).toBeLessThan(26);
    expect(RETRY_DELAYS_MS.toSorted((a, b) => a - b)).toEqual(RETRY_DELAYS_MS);
    expect(retryDelayMs({ attempt: 7 }, 0.5)).toBe(15 * HOUR_MS);
    expect(retryDelayMs({ attempt: 8 }, 0.5)).toBeUndefined();
  });

  test('are spread by a fifth to either side', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const delay = retryDelayMs({ attempt }, random) ?? 0;
          const usual = RETRY_DELAYS_MS[attempt - 1] ?? 0;
          expect(delay).toBeGreaterThanOrEqual(Math.floor(usual * 0.8));
          expect(delay).toBeLessThanOrEqual(Math.ceil(usual * 1.2));
        },
      ),
    );
    expect(retryDelayMs({ attempt: 1 }, 0)).not.toBe(retryDelayMs({ attempt: 1 }, 1));
  });

  test('give the receiver the patience it asks for, within six hours', () => {
    expect(retryDelayMs({ attempt: 1, retryAfterMs: 120_000 }, 0.5)).toBe(120_000);
    expect(retryDelayMs({ attempt: 1, retryAfterMs: 1 }, 0.5)).toBe(15_000);
    expect(retryDelayMs({ attempt: 1, retryAfterMs: 999 * HOUR_MS }, 0.5)).toBe(6 * HOUR_MS);
  });
});
