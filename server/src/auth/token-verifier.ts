import type { Principal } from '../principal.js';

/** Finds the principal of a token. */
export interface TokenVerifier {
  /** Whether its tokens are short enough to be guessed. */
  readonly isGuessable: boolean;
  /** Whether the text has the form of its tokens. Text that is of no verifier's form is not a token of ours. */
  isOurKind(token: string): boolean;
  /** Undefined for an unknown token. Its time does not depend on how close a token is to a valid one. */
  verify(token: string): Promise<Principal | undefined>;
  /** A slower look-up, used only if no verifier knows the token, and rate-limited. */
  search?(token: string): Promise<Principal | undefined>;
}
