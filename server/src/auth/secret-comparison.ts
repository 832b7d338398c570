import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes the same time whatever differs, the length included: both sides are hashed before they are compared. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
