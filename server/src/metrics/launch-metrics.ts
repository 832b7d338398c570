import type {
  LaunchMetrics,
  LaunchMetricsQuery,
  UsualPhases,
  UsualPhasesQuery,
} from '@launchlog/shared/launch-metrics';
import type { NodeOwner } from '../node-owner.js';

/**
 * What the registry of nodes tells of launches. Each answer is one look at the database, so that its numbers agree
 * with one another, and it is bounded: at most METRIC_GROUPS_MAX groups of the newest METRIC_LAUNCHES_MAX launches.
 * Rejects with `NodeStoreUnavailableError` while the database is away or takes too long; calls may be repeated.
 */
export interface LaunchMetricsReader {
  launches(query: Reached<LaunchMetricsQuery>): Promise<LaunchMetrics>;

  /** Of the latest successful launches. */
  phases(query: Reached<UsualPhasesQuery>): Promise<UsualPhases>;
}

/** Of the launches of a deployment or tenant alone, where one is named: others do not count, not even in a percentile. */
export type Reached<Query> = Query & NodeOwner;
