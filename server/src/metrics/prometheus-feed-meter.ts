import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { FeedEnd } from '../feed/feed-item.js';
import type { LogFeedMeter, ReaderCounts } from '../feed/log-feed-meter.js';

/** Streams and sockets that are open now. */
export interface StreamCounts {
  readonly readers: ReaderCounts;
  readonly streams: Readonly<Record<'sse' | 'websocket', number>>;
  readonly sockets: number;
}

const ENDS: readonly FeedEnd[] = ['done', 'max_age', 'draining', 'revoked', 'stalled', 'failed'];
const LAG_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures delivery to readers. The hot path adds to plain numbers, which are read when the metrics are requested. */
export class PrometheusFeedMeter implements LogFeedMeter {
  readonly #lag: Histogram;
  readonly #ends: Counter<'reason'>;
  readonly #gaps: Counter<'reason'>;
  readonly #resets: Counter<'reason'>;
  readonly #readers: Gauge<'state'>;
  readonly #streams: Gauge<'transport'>;
  readonly #sockets: Gauge;
  #live = 0;
  #history = 0;
  #behind = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    const byReason = { labelNames: ['reason'] as const, registers };
    this.#lag = new Histogram({
      name: 'launchlog_delivery_lag_seconds',
      help: 'From the writing of an entry until it was handed to its readers: the longest of each turn of the event loop.',
      buckets: LAG_BUCKETS_SECONDS,
      registers,
    });
    this.#ends = new Counter({
      name: 'launchlog_streams_ended_total',
      help: 'Streams this server ended, by reason.',
      ...byReason,
    });
    this.#gaps = new Counter({
      name: 'launchlog_gaps_total',
      help: 'Gaps reported to readers: entries after their cursor are gone.',
      ...byReason,
    });
    this.#resets = new Counter({
      name: 'launchlog_resets_total',
      help: 'Resets reported to readers: the log they were reading is gone.',
      ...byReason,
    });
    // Prometheus sees no increase in a counter that first appears with 1.
    for (const reason of ENDS) this.#ends.inc({ reason }, 0);
    for (const reason of ['trimmed', 'expired', 'damaged']) this.#gaps.inc({ reason }, 0);
    for (const reason of ['cleared', 'lost', 'expired']) this.#resets.inc({ reason }, 0);
    this.#readers = new Gauge({
      name: 'launchlog_readers',
      help: 'Readers at the head of their log (live), catching up (behind), and with a full queue (full).',
      labelNames: ['state'],
      registers,
    });
    this.#streams = new Gauge({
      name: 'launchlog_streams',
      help: 'Open log streams by transport.',
      labelNames: ['transport'],
      registers,
    });
    this.#sockets = new Gauge({ name: 'launchlog_sockets', help: 'Open WebSockets.', registers });
    this.#addTotals(registry);
  }

  /** Sets the gauges to the numbers of this moment. */
  show({ readers, streams, sockets }: StreamCounts): void {
    for (const [state, count] of Object.entries(readers)) this.#readers.set({ state }, Number(count));
    for (const [transport, count] of Object.entries(streams)) this.#streams.set({ transport }, count);
    this.#sockets.set(sockets);
  }

  delivered(entries: number, lagMs: number): void {
    this.#live += entries;
    // The clocks of servers differ: an entry from the future counts as delivered at once.
    this.#lag.observe(Math.max(0, lagMs) / 1_000);
  }

  caughtUp(entries: number): void {
    this.#history += entries;
  }

  fellBehind(): void {
    this.#behind += 1;
  }

  gap(reason: string): void {
    this.#gaps.inc({ reason });
  }

  reset(reason: string): void {
    this.#resets.inc({ reason });
  }

  ended(reason: FeedEnd): void {
    this.#ends.inc({ reason });
  }

  #addTotals(registry: Registry): void {
    const delivered: Counter<'way'> = new Counter({
      name: 'launchlog_entries_delivered_total',
      help: 'Entries handed to readers: as they came (live) or later, from memory or the store (history).',
      labelNames: ['way'],
      registers: [registry],
      collect: () => {
        delivered.reset();
        delivered.inc({ way: 'live' }, this.#live);
        delivered.inc({ way: 'history' }, this.#history);
      },
    });
    const behind: Counter = new Counter({
      name: 'launchlog_readers_fell_behind_total',
      help: 'Times the queue of a reader was full, so that it had to catch up from history.',
      registers: [registry],
      collect: () => {
        behind.reset();
        behind.inc(this.#behind);
      },
    });
  }
}
