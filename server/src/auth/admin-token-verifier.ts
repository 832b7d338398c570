import type { Principal } from '../principal.js';
import { isSameSecret } from './secret-comparison.js';
import type { TokenVerifier } from './token-verifier.js';

const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };

/** Verifies the admin token, which may do everything. */
export class AdminTokenVerifier implements TokenVerifier {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  verify(token: string): Promise<Principal | undefined> {
    return Promise.resolve(isSameSecret(token, this.#token) ? ADMIN : undefined);
  }
}
