import { Counter, Gauge, type Registry } from 'prom-client';
import { LOG_FAULTS, type LogFaultField } from '../log/damage/log-fault.js';
import { STORE_REFUSALS, type StoreRefusal } from '../log/store-refusal.js';
import type { ScrapeSource } from './prometheus-registry.js';

interface WatchedStore {
  readonly refusal: StoreRefusal | undefined;
  readonly damagedLogs: ReadonlyMap<LogFaultField, number>;
}

/** Whether the log store refuses entries when the metrics are requested, and why; and the damaged logs it has found. */
export class LogStoreGauges implements ScrapeSource {
  readonly name = 'log_store_refusal';
  readonly #store: WatchedStore;
  readonly #refuses: Gauge<'reason'>;
  readonly #damaged: Counter<'field'>;

  constructor(store: WatchedStore, registry: Registry) {
    this.#store = store;
    this.#refuses = new Gauge({
      name: 'launchlog_log_store_refuses',
      help: 'Whether the log store answers but takes no entries, by the reason.',
      labelNames: ['reason'],
      registers: [registry],
    });
    this.#damaged = new Counter({
      name: 'launchlog_damaged_logs_total',
      help: 'Logs that this server has found damaged in the log store, by what is wrong.',
      labelNames: ['field'],
      registers: [registry],
    });
  }

  read(): void {
    const { refusal, damagedLogs } = this.#store;
    this.#damaged.reset();
    for (const field of Object.keys(LOG_FAULTS) as LogFaultField[]) {
      this.#damaged.inc({ field }, damagedLogs.get(field) ?? 0);
    }
    for (const reason of Object.keys(STORE_REFUSALS))
      this.#refuses.set({ reason }, reason === refusal ? 1 : 0);
  }

  forget(): void {
    this.#refuses.reset();
  }
}
