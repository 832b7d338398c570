import type {
  LaunchMetrics,
  LaunchMetricsQuery,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type { NodeOwner } from '../node-owner.js';

/**
 * Statistics of launches. All numbers of an answer come from the same reading of each launch, so that they agree with one
 * another. It is bounded: at most METRIC_GROUPS_MAX groups of the newest METRIC_LAUNCHES_MAX launches.
 * Rejects with `NodeStoreUnavailableError` while the database is away or takes too long; calls may be repeated.
 */
export interface LaunchMetricsReader {
  launches(query: Reached<LaunchMetricsQuery>): Promise<LaunchMetrics>;

  /** The durations of the phases of the latest successful launches. */
  phases(query: Reached<UsualPhasesQuery>): Promise<UsualPhases>;
}

/** A query limited to a deployment or tenant, where one is named. Other launches do not count, not even in a percentile. */
export type Reached<Query> = Query & NodeOwner;
