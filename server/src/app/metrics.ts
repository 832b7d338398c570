import type { Clock } from '../clock.js';
import type { SqlLanes } from '../database/sql-lanes.js';
import type { NodeLogStore } from '../log/log-store.js';
import { MeteredLogStore } from '../log/metered-log-store.js';
import type { ReportingLogStore } from '../log/reporting-log-store.js';
import { BudgetGauges } from '../metrics/budget-gauges.js';
import { CachedLaunchMetrics } from '../metrics/cached-launch-metrics.js';
import type { LaunchMetricsReader } from '../metrics/launch-metrics.js';
import { readPriceTable } from '../metrics/price-table-file.js';
import { PrometheusFeedMeter, type StreamCounts } from '../metrics/prometheus-feed-meter.js';
import { PrometheusHealthMeter } from '../metrics/prometheus-health-meter.js';
import { PrometheusHttpMeter } from '../metrics/prometheus-http-meter.js';
import { PrometheusLaunchMeter } from '../metrics/prometheus-launch-meter.js';
import { LogStoreGauges } from '../metrics/prometheus-log-store-gauges.js';
import { PrometheusLogStoreMeter } from '../metrics/prometheus-log-store-meter.js';
import { PrometheusRegistry } from '../metrics/prometheus-registry.js';
import { RedisGauges } from '../metrics/redis-gauges.js';
import { RegistryGauges } from '../metrics/registry-gauges.js';
import { StrayGauges } from '../metrics/stray-gauges.js';
import { SqlLaunchMetrics } from '../metrics/sql-launch-metrics.js';
import { showCapacity } from '../metrics/capacity-gauges.js';
import type { RedisHealth } from '../redis/redis-health.js';
import type { ServerCapacity } from './server-capacity.js';

interface MetricsOptions {
  readonly priceTablePath: string | undefined;
  readonly database: Pick<SqlLanes, 'scans'>;
  readonly logs: ReportingLogStore;
  /** Absent if Redis is not configured. */
  readonly redisHealth?: (() => Promise<RedisHealth>) | undefined;
  readonly clock: Clock;
}

/** Creates the metrics. */
export interface Metrics {
  readonly launchMetrics: LaunchMetricsReader;
  /** The log store, with metrics. */
  readonly logs: NodeLogStore;
  readonly feed: PrometheusFeedMeter;
  readonly launches: PrometheusLaunchMeter;
  readonly health: PrometheusHealthMeter;
  readonly http: PrometheusHttpMeter;
  readonly page: PrometheusRegistry;
  showCapacity(capacity: ServerCapacity): void;
  /** Registers a count of what is open, made whenever the page is read. */
  watchStreams(count: () => StreamCounts): void;
}

export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const { priceTablePath, database, logs, redisHealth, clock } = options;
  const page = new PrometheusRegistry(clock);
  const { registry } = page;
  const feed = new PrometheusFeedMeter(registry);
  page.addSource(new RegistryGauges(database.scans, registry));
  page.addSource(new BudgetGauges(database.scans, registry));
  page.addSource(new StrayGauges(database.scans, registry));
  page.addSource(new LogStoreGauges(logs, registry));
  if (redisHealth !== undefined) page.addSource(new RedisGauges(redisHealth, registry));
  return {
    launchMetrics: new CachedLaunchMetrics(
      new SqlLaunchMetrics(database.scans, await readPriceTable(priceTablePath)),
      clock,
    ),
    logs: new MeteredLogStore(logs, new PrometheusLogStoreMeter(registry), clock),
    feed,
    launches: new PrometheusLaunchMeter(registry),
    health: new PrometheusHealthMeter(registry),
    http: new PrometheusHttpMeter(registry),
    page,
    showCapacity: ({ streams, mergedStreams, launches, files }) =>
      showCapacity(registry, { streams, merged_streams: mergedStreams, launches, files }),
    watchStreams: (count) =>
      page.addSource({ name: 'streams', read: () => feed.show(count()), forget: () => undefined }),
  };
}
