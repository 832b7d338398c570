import type { Clock } from '../clock.js';
import { Backoff } from '../wait/backoff.js';
import { LogStoreUnavailableError } from './log-store.js';

const RETRY = { firstMs: 50, maxMs: 2_000 };

/** Repeats a call until the log store answers. Every call to a log store may be repeated. */
export async function persist<Reply>(
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<Reply>,
): Promise<Reply> {
  const backoff = new Backoff(RETRY);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LogStoreUnavailableError)) throw error;
      await backoff.wait(clock, signal);
    }
  }
}
