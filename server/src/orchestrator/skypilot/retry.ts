import type { Clock } from '../../clock.js';
import { SkypilotError } from './error.js';

/** How long a launch that is not submitted yet waits for a server that is away. */
export const SUBMIT_RETRY_MS = 60_000;
/** How long a launch in progress waits for a server that is being restarted or moved. */
export const WATCH_RETRY_MS = 10 * 60_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;

interface RetryLimit {
  readonly clock: Clock;
  readonly forMs: number;
  readonly signal: AbortSignal;
}

/** Repeats a call without side effects until it fails for good or has failed for longer than the limit. */
export async function retryPassing<T>(limit: RetryLimit, call: () => Promise<T>): Promise<T> {
  const since = limit.clock.monotonic();
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      return await call();
    } catch (error) {
      limit.signal.throwIfAborted();
      if (!(error instanceof SkypilotError) || !error.passing) throw error;
      if (limit.clock.monotonic() - since > limit.forMs) throw error;
      await limit.clock.sleep(waitMs, limit.signal);
    }
  }
}
