import { collectDefaultMetrics, Registry, Gauge } from 'prom-client';
import type { Clock } from '../clock.js';
import { answerWithin } from '../wait/answer-within.js';

/** Numbers that are read when the metrics are requested. */
export interface ScrapeSource {
  readonly name: string;
  read(): Promise<void> | void;
  /** Called when the source could not be read: an old number must not look like a current one. */
  forget(): void;
}

/** Readers of the metrics must not be able to keep the database busy. */
const TEXT_LASTS_MS = 1_000;
/** How often the lag of the event loop is measured; each time wakes the process. The metric includes this time. */
const LAG_EVERY_MS = 50;
const SOURCE_TIMEOUT_MS = 2_000;

/** All metrics of this process, as Prometheus reads them. */
export class PrometheusRegistry {
  readonly registry = new Registry();
  readonly #clock: Clock;
  readonly #sources: ScrapeSource[] = [];
  readonly #sourceUp: Gauge<'source'>;
  #text: { readonly atMs: number; readonly text: Promise<string> } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
    this.#sourceUp = new Gauge({
      name: 'launchlog_metrics_source_up',
      help: 'Whether the source of some metrics answered this time. The metrics of a source that did not are left out.',
      labelNames: ['source'],
      registers: [this.registry],
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  addSource(source: ScrapeSource): void {
    this.#sources.push(source);
  }

  /** At most a second old, and rendered once for all concurrent readers. A source that hangs blocks nothing. */
  text(): Promise<string> {
    const now = this.#clock.monotonic();
    if (this.#text === undefined || now - this.#text.atMs >= TEXT_LASTS_MS) {
      this.#text = { atMs: now, text: this.#render() };
    }
    return this.#text.text;
  }

  async #render(): Promise<string> {
    await Promise.all(this.#sources.map((source) => this.#read(source)));
    return this.registry.metrics();
  }

  async #read(source: ScrapeSource): Promise<void> {
    const read = async () => {
      await source.read();
      return true;
    };
    try {
      const isRead = await answerWithin({ clock: this.#clock, ms: SOURCE_TIMEOUT_MS }, read(), false);
      if (!isRead) throw new Error('too late');
      this.#sourceUp.set({ source: source.name }, 1);
    } catch {
      source.forget();
      this.#sourceUp.set({ source: source.name }, 0);
    }
  }
}
