import type { Authenticator } from '../auth/authenticator.js';
import type { Principal } from '../principal.js';

/** Counts the calls of one request or socket, except for the first, which authentication has counted. */
export function callMeter(
  authenticator: Pick<Authenticator, 'meter'>,
  principal: Principal,
): () => Promise<void> {
  let isFirst = true;
  return async () => {
    if (!isFirst) await authenticator.meter(principal);
    isFirst = false;
  };
}
