import { describe, expect, test } from 'vitest';
import { formatAgo, formatDuration, formatOffset } from '@launchlog/console/time/format-time';

describe('times for people', () => {
  test.each([
    [-5, '0s'],
    [59_999, '59s'],
    [60_000, '1m 00s'],
    [185_000, '3m 05s'],
    [3_600_000, '1h 00m'],
    [86_400_000 * 4 + 3_600_000 * 3, '4d 3h'],
  ])('a duration of %d ms is shown as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0, '+0:00.000'],
    [723_004, '+12:03.004'],
    [3_723_004, '+1:02:03.004'],
    [-1_500, '−0:01.500'],
  ])('an offset of %d ms is shown as %s', (ms, text) => {
    expect(formatOffset(ms)).toBe(text);
  });

  test('the time since an event is one number', () => {
    expect([0, 42_000, 185_000].map(formatAgo)).toEqual(['now', '42s ago', '3m ago']);
  });
});
