import type { Principal } from '../principal.js';

/** Knows a token's owner. */
export interface TokenVerifier {
  /** Undefined for a token it does not know; takes as long for a token that is nearly right. */
  verify(token: string): Promise<Principal | undefined>;
  /** Looks where it takes longer; asked when no verifier knows the token, and not too often. */
  search?(token: string): Promise<Principal | undefined>;
}
