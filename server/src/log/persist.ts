import type { Clock } from '../clock.js';
import { LogStoreUnavailableError } from './log-store.js';

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2_000;

/** Asks until there is an answer: what is asked of a log store may be repeated. */
export async function persist<Reply>(
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<Reply>,
): Promise<Reply> {
  for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LogStoreUnavailableError)) throw error;
      await clock.sleep(delayMs, signal);
    }
  }
}
