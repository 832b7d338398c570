import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { sleep } from '../../sleep.js';

/** How often a call is tried again if the server limits calls, and the longest wait that is granted, seconds. */
const WAITS_MAX = 20;
const WAIT_MAX_SECONDS = 90;
const WAIT_SECONDS = 1;

/** Waits where the server limits calls, so that thousands of nodes take longer rather than fail. */
export async function patiently<Answer>(
  call: () => Promise<Answer>,
  interrupted: AbortSignal,
): Promise<Answer> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await call();
    } catch (error) {
      const limited = error instanceof LaunchlogApiError && error.code === 'rate_limited';
      const seconds = limited ? (error.retryAfterSeconds ?? WAIT_SECONDS) : Infinity;
      if (seconds > WAIT_MAX_SECONDS || waits >= WAITS_MAX || interrupted.aborted) throw error;
      await sleep(seconds * 1_000, interrupted);
    }
  }
}
