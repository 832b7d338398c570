import type { Clock } from '../clock.js';

interface BackoffBounds {
  /** The first wait, in milliseconds. */
  readonly firstMs: number;
  /** No wait is longer, in milliseconds. */
  readonly maxMs: number;
  /**
   * A random number from 0 to 1. If given, each wait is shortened by up to one half, so that many processes that failed
   * together do not retry together.
   */
  readonly random?: (() => number) | undefined;
}

/**
 * The waits between the attempts of one retry loop. They double up to a bound: with `firstMs` 50 and `maxMs` 2,000 they
 * are 50, 100, 200, 400, 800, 1,600, 2,000, 2,000, ... milliseconds.
 */
export class Backoff {
  readonly #bounds: BackoffBounds;
  #waits = 0;

  constructor(bounds: BackoffBounds) {
    this.#bounds = bounds;
  }

  /** Takes the next wait, in milliseconds. */
  nextMs(): number {
    this.#waits += 1;
    return backoffMs(this.#bounds, this.#waits);
  }

  /** Sleeps through the next wait. Rejects with the signal's reason when it is aborted. */
  async wait(clock: Clock, signal: AbortSignal): Promise<void> {
    await clock.sleep(this.nextMs(), signal);
  }

  /** After a success: the next wait is the first one again. */
  reset(): void {
    this.#waits = 0;
  }
}

/** The wait after the given number of failures (from 1), in milliseconds, where the caller counts them itself. */
export function backoffMs({ firstMs, maxMs, random }: BackoffBounds, failures: number): number {
  const waitMs = Math.min(firstMs * 2 ** (failures - 1), maxMs);
  return random === undefined ? waitMs : waitMs * (0.5 + random() / 2);
}
