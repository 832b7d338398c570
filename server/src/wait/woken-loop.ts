import type { Clock } from '../clock.js';

interface WokenLoopOptions {
  readonly clock: Clock;
  /**
   * One round of work; rounds never overlap. `woken`: it was asked for by `wake`, rather than begun because of the
   * time. `stopping` is aborted when the loop is to end. A rejection ends the round, not the loop.
   */
  readonly round: (woken: boolean, stopping: AbortSignal) => Promise<void>;
  /** Milliseconds from the end of a round to the next one, after so many failed rounds in a row. */
  readonly pauseMs: (failures: number) => number;
  /** A round failed: the `failures`-th in a row. It is not called once the loop is stopping. */
  readonly onFailure: (error: unknown, failures: number) => void;
  /** Whether `wake` also ends the pause that follows a failure. If not, a failing loop keeps its own pace. */
  readonly wakesAfterFailure: boolean;
}

/**
 * Looks for work at intervals, and at once when it is woken.
 *
 *              ┌───────── pause over, or woken ────────┐
 *              ▼                                       │
 *   start ─► round ─► woken meanwhile? ── no ─────► pause
 *              ▲                      │                │
 *              └──────── yes ─────────┘             stop ─► ended
 */
export class WokenLoop {
  readonly #options: WokenLoopOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  /** `wake` was called since the last round began. */
  #woken = false;
  #failures = 0;
  #endPause: () => void = () => undefined;

  constructor(options: WokenLoopOptions) {
    this.#options = options;
  }

  /** Aborted when the loop is to end. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Idempotent. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Begins the next round now, or as soon as the present one has ended: there may be work. Never throws. */
  wake(): void {
    this.#woken = true;
    if (this.#heedsWake()) this.#endPause();
  }

  /** Resolves when the round under way has ended; no other one begins. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('this server is stopping'));
    this.#endPause();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let woken = this.#woken;
    while (!signal.aborted) {
      this.#woken = false;
      await this.#round(woken);
      woken = await this.#pause();
    }
  }

  async #round(woken: boolean): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await this.#options.round(woken, signal);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (!signal.aborted) this.#options.onFailure(error, this.#failures);
    }
  }

  /** Resolves to whether the next round is due to a wake. */
  async #pause(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    if (this.#woken && this.#heedsWake()) return true;
    const { clock, pauseMs } = this.#options;
    const ended = new AbortController();
    this.#endPause = () => ended.abort(new Error('woken'));
    const woken = await clock.sleep(pauseMs(this.#failures), ended.signal).then(
      () => false,
      () => true,
    );
    this.#endPause = () => undefined;
    return woken;
  }

  #heedsWake(): boolean {
    return this.#failures === 0 || this.#options.wakesAfterFailure;
  }
}
