import type { Clock } from '@launchlog/server/clock';

interface Timer {
  readonly atMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** Time that stands still until it is moved. Timers run in the order in which they are due. */
export class FakeClock implements Clock {
  #elapsedMs = 0;
  #startMs: number;
  readonly #timers = new Set<Timer>();

  constructor(start = '2026-01-01T00:00:00.000Z') {
    this.#startMs = Date.parse(start);
  }

  /** Timers that are set: what was not cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** A step of the wall clock, as an administrator or NTP makes it. */
  step(ms: number): void {
    this.#startMs += ms;
  }

  /** Moves time forward. Runs each timer that is due on the way, and lets the code that waits for it continue. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
      this.#timers.delete(next);
      if (next.everyMs !== undefined) this.#timers.add({ ...next, atMs: next.atMs + next.everyMs });
      next.run();
      await settle();
    }
    this.#elapsedMs = until;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  every(ms: number, task: () => void): () => void {
    const run = () => {
      if (!stopped) task();
    };
    let stopped = false;
    this.#timers.add({ atMs: this.#elapsedMs + ms, everyMs: ms, run });
    return () => {
      stopped = true;
      for (const timer of this.#timers) if (timer.run === run) this.#timers.delete(timer);
    };
  }

  after(ms: number, task: () => void): () => void {
    const timer = { atMs: this.#elapsedMs + ms, everyMs: undefined, run: task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #next(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs <= until && timer.atMs < (next?.atMs ?? Infinity)) next = timer;
    }
    return next;
  }
}

/** One turn of the event loop after all that was waiting: promises and finished input and output have been handled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
