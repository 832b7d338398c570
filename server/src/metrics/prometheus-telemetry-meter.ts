import { Counter, Gauge, type Registry } from 'prom-client';
import type { TelemetryBacklog } from '../telemetry/telemetry-ledger.js';
import type { TelemetryMeter } from '../telemetry/telemetry-meter.js';

/** Counts what is sent by OpenTelemetry, and shows the backlog. */
export class PrometheusTelemetryMeter implements TelemetryMeter {
  readonly #records: Counter;
  readonly #traces: Counter;
  readonly #failures: Counter;
  readonly #nodes: Gauge;
  readonly #oldest: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = (name: string, help: string) => new Counter({ name, help, registers });
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
    this.#records = counter(
      'launchlog_telemetry_records_total',
      'Log entries and events this server has sent by OTLP.',
    );
    this.#traces = counter('launchlog_telemetry_traces_total', 'Traces this server has sent by OTLP.');
    this.#failures = counter(
      'launchlog_telemetry_failures_total',
      'Exports by OTLP that failed and are repeated.',
    );
    this.#nodes = gauge('launchlog_telemetry_nodes', 'Nodes whose telemetry goes on, on all servers.');
    this.#oldest = gauge(
      'launchlog_telemetry_oldest_seconds',
      'How long the node that waits longest for its export has been due, on all servers.',
    );
  }

  sent(records: number, traces: number): void {
    this.#records.inc(records);
    this.#traces.inc(traces);
  }

  failed(): void {
    this.#failures.inc();
  }

  show({ nodes, oldestSeconds }: TelemetryBacklog): void {
    this.#nodes.set(nodes);
    this.#oldest.set(oldestSeconds);
  }

  forget(): void {
    for (const gauge of [this.#nodes, this.#oldest]) gauge.remove();
  }
}
