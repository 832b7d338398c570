const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second … failed attempt: 8 attempts in about 24 hours. */
export const RETRY_DELAYS_MS: readonly number[] = [
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  6 * HOUR,
  15 * HOUR,
];

export const ATTEMPTS_MAX = RETRY_DELAYS_MS.length + 1;

/** Each wait varies by up to this fraction, so that deliveries that failed together are not retried together. */
const JITTER = 0.2;

/** The longest wait that a receiver can ask for. */
const RETRY_AFTER_MAX_MS = 6 * HOUR;

interface FailedAttempt {
  /** The number of the failed attempt, from 1. */
  readonly attempt: number;
  readonly retryAfterMs?: number | undefined;
  readonly delays?: readonly number[] | undefined;
}

/** How long to wait before the next attempt; undefined after the last one. `random` is from 0 to 1. */
export function retryDelayMs(failed: FailedAttempt, random: number): number | undefined {
  const delay = (failed.delays ?? RETRY_DELAYS_MS)[failed.attempt - 1];
  if (delay === undefined) return undefined;
  const jittered = delay * (1 + JITTER * (2 * random - 1));
  return Math.round(Math.max(jittered, Math.min(failed.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS)));
}
