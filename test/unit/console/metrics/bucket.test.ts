import { describe, expect, test } from 'vitest';
import type { LaunchMetricsGroup } from '@launchlog/sdk';
import { groupPath } from '@launchlog/console/metrics/group-path';
import { bucketSize, bucketsOf, bucketsSince } from '@launchlog/console/metrics/over-time/bucket';

const NOW = Date.parse('2026-03-02T10:40:00Z');
const group = (key: 'hour' | 'day', value: string): LaunchMetricsGroup => ({
  group: { [key]: value },
  launches: 1,
  running: 0,
  succeeded: 1,
  failed: 0,
  cancelled: 0,
  simulated: 0,
  failureReasons: [],
  phases: [],
});

describe('a group of launches', () => {
  const of = (dimension: 'provider' | 'gpu' | 'day' | 'model', value: string) =>
    groupPath({ ...group('day', ''), group: { [dimension]: value } }, dimension, '2026-03-01T00:00:00.000Z');

  test('leads to the list of what is behind its numbers, where the list can be narrowed to it', () => {
    expect(of('provider', 'aws')).toBe('/?provider=aws&since=2026-03-01T00%3A00%3A00.000Z');
    expect(of('gpu', 'A100')).toBe('/?since=2026-03-01T00%3A00%3A00.000Z&gpu=A100');
    expect(of('day', '2026-03-02')).toBe(
      '/?since=2026-03-02T00%3A00%3A00.000Z&until=2026-03-03T00%3A00%3A00.000Z',
    );
    expect(of('model', 'a/b')).toBeUndefined();
  });
});

describe('the buckets of a period', () => {
  test('are hours for one day and days for longer, and the first one is whole', () => {
    expect(bucketSize('1d')).toBe('hour');
    expect(bucketSize('all')).toBe('day');
    expect(bucketsSince(1, 'hour', NOW)).toBe('2026-03-01T10:00:00.000Z');
    expect(bucketsSince(7, 'day', NOW)).toBe('2026-02-23T00:00:00.000Z');
    expect(bucketsSince(undefined, 'day', NOW)).toBeUndefined();
  });

  test('have no holes, end with the present one, and hold what the server counted', () => {
    const since = bucketsSince(1, 'hour', NOW);
    const counted = group('hour', '2026-03-02T08:00Z');
    const buckets = bucketsOf([counted], { size: 'hour', since, nowMs: NOW });
    expect(buckets).toHaveLength(25);
    expect(new Date(buckets.at(-1)?.startMs ?? 0).toISOString()).toBe('2026-03-02T10:00:00.000Z');
    expect(buckets.filter((bucket) => bucket.group !== undefined)).toEqual([
      {
        startMs: Date.parse('2026-03-02T08:00Z'),
        endMs: Date.parse('2026-03-02T09:00Z'),
        group: counted,
      },
    ]);
  });

  test('of all time begin with the first launch, and are not more than a plot has room for', () => {
    const all = (day: string) =>
      bucketsOf([group('day', day)], { size: 'day', since: undefined, nowMs: NOW });
    expect(all('2026-02-28')).toHaveLength(3);
    expect(all('2024-01-01')).toHaveLength(90);
    expect(bucketsOf([], { size: 'day', since: undefined, nowMs: NOW })).toHaveLength(1);
  });
});
