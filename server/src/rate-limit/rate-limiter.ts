import { LaunchlogError } from '@launchlog/shared/error-code';

/**
 * So many uses of a key in a minute, from its first use on.
 *
 * Never rejects and never waits long: where the shared count cannot be reached, this process counts alone until it can.
 * Loss: a restart, and the time while the shared count is away, begin a new minute; nobody is locked out by either.
 */
export interface RateLimiter {
  /** Counts one use. */
  take(key: string): Promise<RateVerdict>;
  /** Whether one more use would be within the limit; counts nothing. */
  look(key: string): Promise<RateVerdict>;
}

export type RateVerdict =
  | { readonly allowed: true }
  /** When a use is welcome again. */
  | { readonly allowed: false; readonly retryAfterMs: number };

export const RATE_WINDOW_SECONDS = 60;

/** Throws what a caller beyond a limit is told. */
export function requireAllowed(verdict: RateVerdict, message: string): void {
  if (verdict.allowed) return;
  const retryAfterSeconds = Math.min(
    RATE_WINDOW_SECONDS,
    Math.max(1, Math.ceil(verdict.retryAfterMs / 1_000)),
  );
  throw new LaunchlogError('rate_limited', message, { retryAfterSeconds });
}
