/** A reader whose sink has had no room for this long, and whose client took nothing in that time, is ended. */
const STALL_MS = 30_000;
/** Maximum ages differ by up to this share, so that readers that came together do not reconnect together. */
const AGE_SPREAD = 0.1;

export interface ReaderAge {
  readonly maxAgeMs: number;
  /** From 0 to 1; spreads the ends of readers that came together. */
  readonly random: () => number;
}

/** Decides when a stream is ended although its client did not ask for it: it is too old, or its client has stalled. */
export class ReaderLifetime {
  readonly #endsAtMs: number;
  #fullSinceMs = 0;
  #progress = 0;

  /** All times are monotonic. */
  constructor(bornAtMs: number, { maxAgeMs, random }: ReaderAge) {
    this.#endsAtMs = bornAtMs + maxAgeMs * (1 - AGE_SPREAD * random());
  }

  /** The sink has become full. */
  becameFull(nowMs: number): void {
    this.#fullSinceMs = nowMs;
  }

  /**
   * Asked about once a second. `fullSink` is the sink while it has no room: if its client took something since the last
   * question, it is slow and not stalled, and its time restarts.
   */
  exceeded(nowMs: number, fullSink: { progress?(): number } | undefined): 'max_age' | 'stalled' | undefined {
    if (nowMs >= this.#endsAtMs) return 'max_age';
    if (fullSink === undefined) return undefined;
    const progress = fullSink.progress?.() ?? 0;
    if (progress !== this.#progress) this.#fullSinceMs = nowMs;
    this.#progress = progress;
    return nowMs - this.#fullSinceMs >= STALL_MS ? 'stalled' : undefined;
  }
}
