import type { Principal } from '../principal.js';

/** Finds the principal of a token. */
export interface TokenVerifier {
  /** Undefined for an unknown token. Its time does not depend on how close a token is to a valid one. */
  verify(token: string): Promise<Principal | undefined>;
  /** A slower look-up, used only if no verifier knows the token, and rate-limited. */
  search?(token: string): Promise<Principal | undefined>;
}
