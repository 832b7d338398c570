import type { Idleness } from '../../node/node-record.js';
import type { EndpointUsage } from '../endpoint-probe.js';

interface IdleLimits {
  /** Shorter idleness is not written down. */
  readonly shownMs: number;
  /** People are notified after this time. */
  readonly noticedMs: number;
  /** If the server counts no requests, a longer gap between two looks may have hidden some. */
  readonly gapMs: number;
}

interface IdleView {
  /** Since when it has been idle, to be stored; undefined if it is busy, or idle for a moment only. */
  readonly idle: Idleness | undefined;
  /** Whether it differs from what is stored. */
  readonly changed: boolean;
}

/**
 * How long a model server has been idle, from looks at its metrics. Pure: it has neither clock nor I/O. A failed look changes
 * nothing: the count of requests shows later whether there were any.
 */
export class IdleSigns {
  readonly #limits: IdleLimits;
  #written: Idleness | undefined;
  #sinceMs: number | undefined;
  #mark: number | undefined;
  #lookedMs: number | undefined;

  constructor(limits: IdleLimits, written: Idleness | undefined) {
    this.#limits = limits;
    this.#written = written;
    // Without a count, requests during a gap between two looks stay unknown.
    if (written?.mark === undefined) return;
    this.#sinceMs = written.sinceMs;
    this.#mark = written.mark;
  }

  /** Since when there was no request, up to this last look; undefined while busy. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  looked({ requests, served }: EndpointUsage, nowMs: number): IdleView {
    const unseen = served === undefined && nowMs - (this.#lookedMs ?? -Infinity) > this.#limits.gapMs;
    const moved = served !== this.#mark;
    this.#lookedMs = nowMs;
    this.#mark = served;
    if (requests > 0) this.#sinceMs = undefined;
    else if (this.#sinceMs === undefined || moved || unseen) this.#sinceMs = nowMs;
    return this.#view(nowMs);
  }

  #view(nowMs: number): IdleView {
    const idle = this.#shown(nowMs);
    const before = this.#written;
    this.#written = idle;
    const changed = idle?.sinceMs !== before?.sinceMs || idle?.noticed !== before?.noticed;
    return { idle, changed };
  }

  #shown(nowMs: number): Idleness | undefined {
    if (this.#sinceMs === undefined) return undefined;
    const lastedMs = nowMs - this.#sinceMs;
    if (lastedMs < this.#limits.shownMs) return undefined;
    return { sinceMs: this.#sinceMs, mark: this.#mark, noticed: lastedMs >= this.#limits.noticedMs };
  }
}
