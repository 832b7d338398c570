import type { Clock } from '../clock.js';
import type { LogEnd } from './log-store.js';

/** An unused log can only expire, which may be noticed this much later. */
const TRUSTED_MS = 5 * 60_000;

/** The ends of watched logs that are not in memory, so that checking them does not read their files. */
export class UnloadedEnds {
  readonly #clock: Clock;
  readonly #ends = new Map<string, { readonly end: LogEnd; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(nodeId: string): LogEnd | undefined {
    const kept = this.#ends.get(nodeId);
    return kept !== undefined && this.#clock.monotonic() < kept.untilMs ? kept.end : undefined;
  }

  keep(nodeId: string, end: LogEnd): void {
    this.#ends.set(nodeId, { end, untilMs: this.#clock.monotonic() + TRUSTED_MS });
  }

  /** Call it when the log is in memory, or not watched any more. */
  forget(nodeId: string): void {
    this.#ends.delete(nodeId);
  }
}
