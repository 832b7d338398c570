import type { Clock } from '../../clock.js';

/** A timer holds at most 2^31 ms; a very slow simulation waits longer. */
const SLEEP_MAX_MS = 86_400_000;

/**
 * The simulated time of one launch: the real time since its start, multiplied by the speed. The start is a wall-clock
 * time, because it outlives the process; within a process the monotonic clock counts.
 */
export class SimulatedTime {
  readonly speed: number;
  readonly #clock: Clock;
  readonly #beginMs: number;
  readonly #beganAt: number;

  /** `atLeastMs` is simulated time that has certainly passed, even if the wall clock was set back. */
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

  /** Resolves at this simulated time, or when the signal is aborted. */
  async until(simulatedMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.realMsUntil(simulatedMs);
      if (waitMs <= 0 || signal.aborted) return;
      await this.#clock.sleep(Math.min(waitMs, SLEEP_MAX_MS), signal).catch(() => undefined);
    }
  }
}
