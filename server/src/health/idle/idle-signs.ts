import type { Idleness } from '../../node/node-record.js';
import type { EndpointUsage } from '../endpoint-probe.js';

interface IdleLimits {
  /** Shorter idleness is not written down. */
  readonly shownMs: number;
  /** People are notified after this time. */
  readonly noticedMs: number;
  /** Where the server counts no requests: with a longer gap between two looks, there may have been some in it. */
  readonly gapMs: number;
}

interface IdleView {
  /** As it is to be written down; undefined: busy, or idle for a moment only. */
  readonly idle: Idleness | undefined;
  /** Whether it differs from what was written down. */
  readonly changed: boolean;
}

/**
 * How long a model server has been idle, from looks at its metrics. Pure: it has neither clock nor I/O. Where it cannot be
 * looked at, nothing changes; the count of requests shows later whether there were some meanwhile.
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
    // Without a count, nobody knows what happened while nobody looked.
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
