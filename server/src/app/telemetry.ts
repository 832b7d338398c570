import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { Logger } from '../logger.js';
import { PrometheusTelemetryMeter } from '../metrics/prometheus-telemetry-meter.js';
import type { PrometheusRegistry } from '../metrics/prometheus-registry.js';
import { SqlNodeEventStore } from '../node/event/sql-node-event-store.js';
import type { NodeStore } from '../node/node-store.js';
import { RELEASE } from '../release.js';
import { SqlTelemetryLedger } from '../telemetry/sql-telemetry-ledger.js';
import { TelemetryShipper } from '../telemetry/telemetry-shipper.js';

interface TelemetryOptions {
  readonly config: TelemetryConfig;
  readonly database: SqlDatabase;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly logs: NodeLogStore;
  readonly page: PrometheusRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

type TelemetryConfig = Pick<
  Config,
  | 'LOG_TTL_HOURS'
  | 'OTEL_SDK_DISABLED'
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_PROTOCOL'
  | 'OTEL_TRACES_EXPORTER'
  | 'OTEL_LOGS_EXPORTER'
>;

const HOUR_MS = 3_600_000;

/** Undefined where no receiver is configured: then OpenTelemetry is not loaded, which takes a fifth of a start. */
export async function createTelemetry(options: TelemetryOptions): Promise<TelemetryShipper | undefined> {
  const { config, database, nodes, logs, page, clock, logger } = options;
  const both = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOn = !config.OTEL_SDK_DISABLED;
  const wants = (exporter: string, own: string | undefined) =>
    isOn && exporter === 'otlp' && (own ?? both) !== undefined;
  const traces = wants(config.OTEL_TRACES_EXPORTER, config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
  const records = wants(config.OTEL_LOGS_EXPORTER, config.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT);
  if (!traces && !records) return undefined;
  const { OtlpExporter } = await import('../telemetry/otlp-exporter.js');
  const json = config.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json';
  const ledger = new SqlTelemetryLedger(database);
  const meter = new PrometheusTelemetryMeter(page.registry);
  page.addSource({
    name: 'telemetry',
    read: async () => meter.show(await ledger.backlog()),
    forget: () => meter.forget(),
  });
  return new TelemetryShipper({
    ledger,
    exporter: new OtlpExporter({ version: RELEASE, instanceId: randomUUID(), json, traces, logs: records }),
    logs,
    events: new SqlNodeEventStore(database),
    nodes,
    clock,
    logger,
    meter,
    lookbackMs: config.LOG_TTL_HOURS * HOUR_MS,
  });
}
