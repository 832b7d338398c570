/** Ages differ by up to this share, so that readers who came together do not come back together. */
const AGE_SPREAD = 0.1;

/** When a reader that comes now is sent away for its age, in the time of `nowMs`. `random` is from 0 to 1. */
export function dueAt(nowMs: number, maxAgeMs: number, random: number): number {
  return nowMs + maxAgeMs * (1 - AGE_SPREAD * random);
}
