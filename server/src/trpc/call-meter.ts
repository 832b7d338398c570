import type { Authenticator } from '../auth/authenticator.js';
import type { Principal } from '../principal.js';

/** Counts the calls that one request or socket carries; its first was counted when it was authenticated. */
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
