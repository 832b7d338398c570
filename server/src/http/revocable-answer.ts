import type { ServerResponse } from 'node:http';
import { whenRevoked } from '../principal.js';
import type { Principal } from '../principal.js';

/**
 * An answer that ends with the right of its reader, however long making and sending it takes: one that has begun is
 * broken off, so that it cannot look whole, and one that has not is a refusal.
 */
export class RevocableAnswer {
  readonly #principal: Principal;
  readonly #response: ServerResponse;
  #made = false;

  constructor(principal: Principal, response: ServerResponse) {
    this.#principal = principal;
    this.#response = response;
    if (response.destroyed) return; // it has closed, and will not say so again
    response.once(
      'close',
      whenRevoked(principal, () => this.#end()),
    );
  }

  /** From now on it only has to be sent. Throws where it must not be. */
  isMade(): void {
    this.#made = true;
    if (!this.#response.headersSent) this.#principal.revoked?.throwIfAborted();
  }

  #end(): void {
    if (this.#made || this.#response.headersSent) this.#response.destroy();
  }
}
