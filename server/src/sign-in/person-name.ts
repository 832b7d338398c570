import { claimValues, deniesEmail } from './claim-values.js';
import type { Claims } from './claim-values.js';

/** Claims that name people, in the order in which they are tried. */
const NAME_CLAIMS = ['email', 'preferred_username', 'upn', 'sub'] as const;
const NAME_MAX_CHARACTERS = 200;

/**
 * The name of a person in the audit trail, in `created_by` and in the list of sessions. It always has an `@`, which no token
 * has in its name: where the claim has none, `realm` follows (the host of the issuer). Undefined where no claim can be
 * used. See decision 167.
 */
export function personName(claims: Claims, realm: string, claim?: string): string | undefined {
  for (const each of claim === undefined ? NAME_CLAIMS : [claim]) {
    if (each === 'email' && deniesEmail(claims)) continue;
    const [given] = claimValues(claims, each);
    const name = given === undefined ? undefined : usable(given);
    if (name !== undefined) return name.includes('@') ? name : `${name}@${realm}`;
  }
  return undefined;
}

/** Whether the name is printable, without spaces at its ends, and short enough. */
function usable(given: string): string | undefined {
  const name = given.trim().normalize('NFC');
  const isSound = name !== '' && name.length <= NAME_MAX_CHARACTERS && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
  return isSound ? name : undefined;
}
