import type { Clock } from '../clock.js';

export interface TimeLimit {
  readonly clock: Clock;
  /** Milliseconds from now. */
  readonly ms: number;
}

interface DeadlineOptions extends TimeLimit {
  /** Aborts the work before its time is up: the caller has gone, or the server stops. */
  readonly signal?: AbortSignal | undefined;
  /** The message of the error with which the work is aborted when its time is up. */
  readonly message?: string | undefined;
}

/**
 * Limits work that takes a signal. Clear it when the work has ended, or its timer stays:
 *
 *     const deadline = new Deadline({ clock, ms: 5_000, signal });
 *     try {
 *       return await fetch(url, { signal: deadline.signal });
 *     } finally {
 *       deadline.clear();
 *     }
 *
 * Work that does not heed a signal needs `answerWithin`.
 */
export class Deadline {
  /** Aborted when the time is up, or with the given signal's reason when that is aborted first. */
  readonly signal: AbortSignal;
  readonly #timeUp = new AbortController();
  readonly #cancelTimer: () => void;

  constructor({ clock, ms, signal, message = `not done within ${ms / 1_000} s` }: DeadlineOptions) {
    this.#cancelTimer = clock.after(ms, () => this.#timeUp.abort(new Error(message)));
    this.signal = signal === undefined ? this.#timeUp.signal : AbortSignal.any([signal, this.#timeUp.signal]);
  }

  /** Whether the time was up before the deadline was cleared. */
  get passed(): boolean {
    return this.#timeUp.signal.aborted;
  }

  /** Idempotent. */
  clear(): void {
    this.#cancelTimer();
  }
}
