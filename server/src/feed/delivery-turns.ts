import type { Clock } from '../clock.js';

/** The longest rest. */
const REST_MAX_MS = 4;
/** Deliveries may take this share of the time before the process rests between them. */
const FREE_SHARE = 1 / 32;
/** Work beyond the free share: from the minimum on there are rests, and no more than the maximum is remembered. */
const DEBT_MIN_MS = 1;
const DEBT_MAX_MS = 8;

/**
 * Decides when the logs of this process deliver what has arrived. Everything that arrives in one turn of the event loop is
 * delivered at the end of that turn, by all logs one after another.
 *
 *   idle ──join──▶ armed ──end of the turn──▶ delivering ──▶ resting ──▶ idle
 *                                                            resting ──join──▶ armed for the end of the rest
 *
 * A process that delivers for more than 3 % of the time rests after each delivery, for up to 4 ms: the more a line costs, the
 * more lines share its cost. One that delivers less never rests. See decision 140.
 */
export class DeliveryTurns {
  readonly #clock: Clock;
  #joined = new Set<() => void>();
  #isArmed = false;
  /** Called when the present delivery has ended; undefined outside of deliveries. */
  #afterwards: (() => void)[] | undefined;
  #debtMs = 0;
  #endedMs = 0;
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

  /** Calls back once, when the present delivery has ended; at once outside of deliveries. The function must not throw. */
  afterwards(call: () => void): void {
    if (this.#afterwards === undefined) call();
    else this.#afterwards.push(call);
  }

  readonly #deliver = (): void => {
    const joined = this.#joined;
    this.#joined = new Set();
    this.#isArmed = false;
    const startMs = this.#clock.monotonic();
    const afterwards: (() => void)[] = (this.#afterwards = []);
    for (const deliver of joined) deliver();
    this.#afterwards = undefined;
    for (const call of afterwards) call();
    this.#owe(startMs, this.#clock.monotonic());
  };

  #owe(startMs: number, endMs: number): void {
    const left = Math.max(0, this.#debtMs - (endMs - this.#endedMs) * FREE_SHARE);
    this.#debtMs = Math.min(DEBT_MAX_MS, left + (endMs - startMs));
    this.#endedMs = endMs;
    this.#restUntilMs = this.#debtMs < DEBT_MIN_MS ? -Infinity : endMs + Math.min(this.#debtMs, REST_MAX_MS);
  }
}
