import type { LaunchMetricsGroup } from '@launchlog/sdk';
import type { MetricsView } from '../metrics-window.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The most buckets that a plot has room for; of a longer time the latest are shown. */
const BUCKETS_MAX = 90;

export type BucketSize = 'hour' | 'day';
const SIZE_MS: Readonly<Record<BucketSize, number>> = { hour: HOUR_MS, day: DAY_MS };

/** The launches that were requested in an hour or a day, in UTC. */
export interface Bucket {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** Undefined if there were none. */
  readonly group: LaunchMetricsGroup | undefined;
}

export function bucketSize(window: MetricsView['window']): BucketSize {
  return window === '1d' ? 'hour' : 'day';
}

/** Since when launches are asked for, so that the first bucket is whole; undefined for all. */
export function bucketsSince(days: number | undefined, size: BucketSize, nowMs: number): string | undefined {
  if (days === undefined) return undefined;
  return new Date(startOf(nowMs - days * DAY_MS, size)).toISOString();
}

/** One bucket after another, without a hole, from `since` or else the first launch until now. */
export function bucketsOf(
  groups: readonly LaunchMetricsGroup[],
  {
    size,
    since,
    nowMs,
  }: { readonly size: BucketSize; readonly since: string | undefined; readonly nowMs: number },
): readonly Bucket[] {
  const byStart = new Map(groups.map((group) => [Date.parse(String(group.group[size])), group]));
  const first = since === undefined ? Math.min(...byStart.keys(), nowMs) : Date.parse(since);
  const step = SIZE_MS[size];
  const last = startOf(nowMs, size);
  const from = Math.max(startOf(first, size), last - (BUCKETS_MAX - 1) * step);
  const count = Math.max(0, Math.round((last - from) / step) + 1);
  return Array.from({ length: count }, (_, index) => {
    const startMs = from + index * step;
    return { startMs, endMs: startMs + step, group: byStart.get(startMs) };
  });
}

function startOf(timeMs: number, size: BucketSize): number {
  return Math.floor(timeMs / SIZE_MS[size]) * SIZE_MS[size];
}
