import { useCallback } from 'react';
import type { MetricsView } from '../metrics-window.js';
import { WINDOW_DAYS } from '../metrics-window.js';
import { useLaunchMetrics } from '../use-launch-metrics.js';
import { bucketSize, bucketsOf, bucketsSince } from './bucket.js';
import { OverTime } from './over-time.js';

/** The metrics of a period hour by hour or day by day. */
export function MetricsOverTime({ window }: Pick<MetricsView, 'window'>) {
  const size = bucketSize(window);
  const sinceOf = useCallback(
    (nowMs: number) => bucketsSince(WINDOW_DAYS[window], size, nowMs),
    [window, size],
  );
  const queryOf = useCallback(
    (nowMs: number) => ({ groupBy: [size], since: sinceOf(nowMs) }),
    [size, sinceOf],
  );
  const { metrics, nowMs } = useLaunchMetrics(queryOf);
  // The answer to another period is not drawn on this one's scale.
  if (metrics === undefined || metrics.groupBy[0] !== size) return undefined;
  const buckets = bucketsOf(metrics.groups, { size, since: sinceOf(nowMs), nowMs });
  return <OverTime buckets={buckets} size={size} />;
}
