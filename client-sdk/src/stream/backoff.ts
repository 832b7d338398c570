const BASE_MS = 500;
const CAP_MS = 15_000;

/** Full jitter: a thousand clients that lost the same server reconnect at different times, and none waits longer than the cap. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
}

/** Decides when the reader of a stream reopens it, and when it gives up. */
export class ReopenPolicy {
  readonly #giveUpAfterMs: number;
  readonly #nowMs: () => number;
  #attempt = 0;
  #unreachableSinceMs: number | undefined;

  constructor(giveUpAfterMs: number, nowMs: () => number = () => performance.now()) {
    this.#giveUpAfterMs = giveUpAfterMs;
    this.#nowMs = nowMs;
  }

  /** The wait before the next attempt, in milliseconds: longer each time, and never shorter than the server asks for. */
  nextDelayMs(retryAfterSeconds = 0): number {
    const delayMs = Math.max(backoffMs(this.#attempt), retryAfterSeconds * 1_000);
    this.#attempt += 1;
    return delayMs;
  }

  /**
   * Call this after a failed attempt. Only a failure can give up, never a timer: a laptop that wakes after a night tries
   * once before it complains.
   */
  shouldGiveUp(): boolean {
    const nowMs = this.#nowMs();
    this.#unreachableSinceMs ??= nowMs;
    return nowMs - this.#unreachableSinceMs >= this.#giveUpAfterMs;
  }

  /** The server is reachable again: the time until giving up restarts, but the waits do not. */
  onReachable(): void {
    this.#unreachableSinceMs = undefined;
  }

  /** The stream works again: both restart. */
  reset(): void {
    this.#attempt = 0;
    this.onReachable();
  }
}
