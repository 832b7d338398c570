import type { Clock } from '../clock.js';

/** The most that a delivery waits for the rest after the one before. */
const REST_MAX_MS = 4;

/**
 * When the logs of this process deliver what has arrived. Everything that arrives in one turn of the event loop is
 * delivered at the end of that turn, by all logs one after another.
 *
 *   idle ──join──▶ armed ──end of the turn──▶ delivering ──▶ resting ──▶ idle
 *                                                            resting ──join──▶ armed for the end of the rest
 *
 * The rest is as long as the delivery took, within a bound: the more a line costs, the more lines share its cost. A delivery
 * that takes less than a millisecond, as on an idle server, adds nothing to the next. See decision 140.
 */
export class DeliveryTurns {
  readonly #clock: Clock;
  #joined = new Set<() => void>();
  #isArmed = false;
  #restUntilMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back once, at the next delivery. The function must not throw. */
  join(deliver: () => void): void {
    this.#joined.add(deliver);
    if (this.#isArmed) return;
    this.#isArmed = true;
    const restMs = Math.floor(this.#restUntilMs - this.#clock.monotonic());
    if (restMs < 1) setImmediate(this.#deliver);
    else this.#clock.after(restMs, this.#deliver);
  }

  readonly #deliver = (): void => {
    const joined = this.#joined;
    this.#joined = new Set();
    this.#isArmed = false;
    const startMs = this.#clock.monotonic();
    for (const deliver of joined) deliver();
    const endMs = this.#clock.monotonic();
    this.#restUntilMs = endMs + Math.min(endMs - startMs, REST_MAX_MS);
  };
}
