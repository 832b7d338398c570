import type { Clock } from '../../clock.js';

/** Timers hold 2^31 ms; a very slow simulation waits longer. */
const SLEEP_MAX_MS = 86_400_000;

/**
 * Simulated time of one launch: real time since its start, times the speed. The start is a moment of the wall clock,
 * because it must outlive the process; from then on the time that never steps counts.
 */
export class SimulatedTime {
  readonly speed: number;
  readonly #clock: Clock;
  readonly #beginMs: number;
  readonly #beganAt: number;

  /** `atLeastMs`: so much has certainly passed, also where the wall clock was set back. */
  constructor(
    clock: Clock,
    start: { readonly startedAt: number; readonly speed: number },
    atLeastMs: number,
  ) {
    this.speed = start.speed;
    this.#clock = clock;
    this.#beginMs = Math.max(atLeastMs, (clock.now() - start.startedAt) * start.speed);
    this.#beganAt = clock.monotonic();
  }

  realMsUntil(simulatedMs: number): number {
    const elapsedMs = this.#beginMs + (this.#clock.monotonic() - this.#beganAt) * this.speed;
    return Math.max(0, (simulatedMs - elapsedMs) / this.speed);
  }

  /** Resolves when the moment has come or the signal is aborted. */
  async until(simulatedMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.realMsUntil(simulatedMs);
      if (waitMs <= 0 || signal.aborted) return;
      await this.#clock.sleep(Math.min(waitMs, SLEEP_MAX_MS), signal).catch(() => undefined);
    }
  }
}
