import { LaunchlogError } from '@launchlog/shared/error-code';

/**
 * Allows a number of uses of a key per minute. The minute begins with the key's first use.
 *
 * Counting is exact, also for uses at the same moment. Never rejects and never waits long: while the shared count cannot
 * be reached, this process counts alone. Loss: a restart, and the time while the shared count is away, begin a new minute;
 * neither locks anybody out. `test/contract/edge/rate-limiter.test.ts` holds every adapter to this.
 */
export interface RateLimiter {
  /** Counts one use of the key. */
  take(key: string): Promise<RateVerdict>;
  /** Whether one more use would be within the limit. Does not count it. */
  look(key: string): Promise<RateVerdict>;
}

export type RateVerdict =
  | { readonly allowed: true }
  /** How long until the next use is allowed. */
  | { readonly allowed: false; readonly retryAfterMs: number };

export const RATE_WINDOW_SECONDS = 60;

/** Throws the error for a caller that is beyond its limit. */
export function requireAllowed(verdict: RateVerdict, message: string): void {
  if (verdict.allowed) return;
  const retryAfterSeconds = Math.min(
    RATE_WINDOW_SECONDS,
    Math.max(1, Math.ceil(verdict.retryAfterMs / 1_000)),
  );
  throw new LaunchlogError('rate_limited', message, { retryAfterSeconds });
}
