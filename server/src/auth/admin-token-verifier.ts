import type { Principal } from '../principal.js';
import { isGuessable } from './admin-token-file.js';
import { isJwt } from './caller-token.js';
import { isSameSecret } from './secret-comparison.js';
import type { TokenVerifier } from './token-verifier.js';

const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };

/** Verifies the admin token, which may do everything. */
export class AdminTokenVerifier implements TokenVerifier {
  readonly isGuessable: boolean;
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
    this.isGuessable = isGuessable(token);
  }

  /** An operator may choose any text, also a JWT. */
  isOurKind(token: string): boolean {
    return !isJwt(token) || isJwt(this.#token);
  }

  verify(token: string): Promise<Principal | undefined> {
    return Promise.resolve(isSameSecret(token, this.#token) ? ADMIN : undefined);
  }
}
