import type { Clock } from '../../clock.js';
import { Backoff } from '../../wait/backoff.js';
import { SkypilotError } from './error.js';

/** How long a launch that is not submitted yet waits for a server that is away. */
const AWAY_RETRY_MS = 60_000;
/** The same for a server that is there and busy: below the time limit of a launch's first phase. */
const BUSY_RETRY_MS = 8 * 60_000;

export function submitRetryMs(error: SkypilotError): number {
  return error.kind === 'busy' ? BUSY_RETRY_MS : AWAY_RETRY_MS;
}
/** How long a launch in progress waits for a server that is being restarted or moved. */
export const WATCH_RETRY_MS = 10 * 60_000;
const RETRY = { firstMs: 500, maxMs: 10_000 };

interface RetryLimit {
  readonly clock: Clock;
  readonly forMs: number | ((error: SkypilotError) => number);
  readonly signal: AbortSignal;
}

/** Repeats a call without side effects until it fails for good or has failed for longer than the limit. */
export async function retryPassing<T>(limit: RetryLimit, call: () => Promise<T>): Promise<T> {
  const since = limit.clock.monotonic();
  const backoff = new Backoff(RETRY);
  for (;;) {
    try {
      return await call();
    } catch (error) {
      limit.signal.throwIfAborted();
      if (!(error instanceof SkypilotError) || !error.passing) throw error;
      const forMs = typeof limit.forMs === 'number' ? limit.forMs : limit.forMs(error);
      if (limit.clock.monotonic() - since > forMs) throw error;
      await backoff.wait(limit.clock, limit.signal);
    }
  }
}
