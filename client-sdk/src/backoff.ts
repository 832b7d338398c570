const BASE_MS = 500;
const CAP_MS = 15_000;

/** Full jitter: a thousand clients that lost the same server reconnect at different times, and none waits longer than the cap. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
}
