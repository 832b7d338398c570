import { Counter, Histogram, type Registry } from 'prom-client';
import type { LogStoreMeter, LogStoreOperation } from '../log/metered-log-store.js';

const OPERATIONS: readonly LogStoreOperation[] = ['claim', 'append', 'read', 'changed', 'subscribe', 'clear'];
const OPERATION_BUCKETS_SECONDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];

/** Measures what is written to the log store, and how fast it answers. */
export class PrometheusLogStoreMeter implements LogStoreMeter {
  readonly #appends: Counter<'result'>;
  readonly #entries: Counter;
  readonly #bytes: Counter;
  readonly #seconds: Histogram<'operation'>;
  readonly #errors: Counter<'operation'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#appends = new Counter({
      name: 'launchlog_log_appends_total',
      help: 'Batches given to the log store, by its answer.',
      labelNames: ['result'],
      registers,
    });
    this.#entries = new Counter({
      name: 'launchlog_entries_appended_total',
      help: 'Log entries this server has stored.',
      registers,
    });
    this.#bytes = new Counter({
      name: 'launchlog_bytes_appended_total',
      help: 'Bytes of the log entries this server has stored.',
      registers,
    });
    this.#seconds = new Histogram({
      name: 'launchlog_log_store_seconds',
      help: 'How long the log store (Redis, or files of this server) took to answer.',
      labelNames: ['operation'],
      buckets: OPERATION_BUCKETS_SECONDS,
      registers,
    });
    this.#errors = new Counter({
      name: 'launchlog_log_store_errors_total',
      help: 'Calls the log store did not answer or refused.',
      labelNames: ['operation'],
      registers,
    });
    for (const operation of OPERATIONS) this.#errors.inc({ operation }, 0);
  }

  answered(operation: LogStoreOperation, ms: number, failed: boolean): void {
    this.#seconds.observe({ operation }, ms / 1_000);
    if (failed) this.#errors.inc({ operation });
  }

  appended(result: string, lines: readonly string[]): void {
    this.#appends.inc({ result });
    if (result !== 'appended') return;
    this.#entries.inc(lines.length);
    this.#bytes.inc(lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0));
  }
}
