import type { Principal } from '../principal.js';

/** Finds the principal of a token. */
export interface TokenVerifier {
  /** Its tokens are short enough to be found by trying. */
  readonly isGuessable: boolean;
  /** Whether one of its tokens could look like this. A token that no verifier could know is somebody else's. */
  isOurKind(token: string): boolean;
  /** Undefined for an unknown token. Its time does not depend on how close a token is to a valid one. */
  verify(token: string): Promise<Principal | undefined>;
  /** A slower look-up, used only if no verifier knows the token, and rate-limited. */
  search?(token: string): Promise<Principal | undefined>;
}
