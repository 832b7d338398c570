import type { Clock } from '../../clock.js';
import { SkypilotApiError } from './api-error.js';

/** A launch that was not submitted yet is not kept waiting for a server that is away. */
export const SUBMIT_PATIENCE_MS = 60_000;
/** A server that is restarted or moved in the middle of a launch is waited for. */
export const WATCH_PATIENCE_MS = 10 * 60_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;

export interface Patience {
  readonly clock: Clock;
  readonly forMs: number;
  readonly signal: AbortSignal;
}

/** Repeats a call that changes nothing while its failure is passing. */
export async function patiently<T>(patience: Patience, call: () => Promise<T>): Promise<T> {
  const since = patience.clock.monotonic();
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      return await call();
    } catch (error) {
      patience.signal.throwIfAborted();
      if (!(error instanceof SkypilotApiError) || !error.passing) throw error;
      if (patience.clock.monotonic() - since > patience.forMs) throw error;
      await patience.clock.sleep(waitMs, patience.signal);
    }
  }
}
