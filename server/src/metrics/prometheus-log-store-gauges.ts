import { Gauge, type Registry } from 'prom-client';
import { STORE_REFUSALS, type StoreRefusal } from '../log/store-refusal.js';
import type { ScrapeSource } from './prometheus-registry.js';

/** Whether the log store refuses entries when the metrics are requested, and why. */
export class LogStoreGauges implements ScrapeSource {
  readonly name = 'log_store_refusal';
  readonly #refusal: () => StoreRefusal | undefined;
  readonly #refuses: Gauge<'reason'>;

  constructor(refusal: () => StoreRefusal | undefined, registry: Registry) {
    this.#refusal = refusal;
    this.#refuses = new Gauge({
      name: 'launchlog_log_store_refuses',
      help: 'Whether the log store answers but takes no entries, by the reason.',
      labelNames: ['reason'],
      registers: [registry],
    });
  }

  read(): void {
    const refusal = this.#refusal();
    for (const reason of Object.keys(STORE_REFUSALS))
      this.#refuses.set({ reason }, reason === refusal ? 1 : 0);
  }

  forget(): void {
    this.#refuses.reset();
  }
}
