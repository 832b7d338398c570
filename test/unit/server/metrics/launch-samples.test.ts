import { expect, test } from 'vitest';
import { LaunchSamples, SampleValues } from '@launchlog/server/metrics/launch-samples';

/** As `percentile_cont` defines it. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below = NaN, above = NaN] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (place - Math.floor(place)) * (above - below);
}

test.each([
  ['one value', (): number => 7],
  ['equal values', (): number => 3],
  ['few values, many times', (index: number): number => (index * 7) % 4],
  ['values in order', (index: number): number => index],
  ['values in reverse', (index: number): number => 1_000 - index],
  ['any values', (): number => Math.random() * 1e6],
])('percentiles of %s are those of the sorted values, at any length', (_, valueOf) => {
  for (const length of [1, 2, 3, 4, 20, 21, 1_000]) {
    const values = Array.from({ length }, (__, index) => valueOf(index));
    const { spread } = new SampleValues(Float64Array.from(values));
    expect(spread?.samples).toBe(length);
    expect(spread?.p50).toBe(percentile(values, 0.5));
    expect(spread?.p95).toBe(percentile(values, 0.95));
    expect(spread?.average).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / length);
  }
});

test('values are divided among the groups that are asked for, and what is no number is no sample', () => {
  const samples = new LaunchSamples();
  for (const [group, value] of [
    [1, 1],
    [0, 10],
    [1, 2],
    [2, 100],
    [1, NaN],
  ] as const)
    samples.add(group, value);
  const [first, second, none] = samples.ofRanks(Int32Array.from([0, 1, -1, 2]), 3);
  expect(first?.cost).toEqual({ samples: 1, average: 10, p50: 10, p95: 10, total: 10 });
  expect(second?.cost).toEqual({ samples: 2, average: 1.5, p50: 1.5, p95: 1.95, total: 3 });
  expect([none?.cost, none?.spread]).toEqual([undefined, undefined]);
  expect(samples.all().cost).toMatchObject({ samples: 4, total: 113 });
});
