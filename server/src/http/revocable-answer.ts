import type { ServerResponse } from 'node:http';
import { whenRevoked } from '../principal.js';
import type { Principal } from '../principal.js';

/**
 * A response that ends when its reader's credential is revoked, at any moment of a long response. Before its first byte
 * it becomes an error; after that the connection is aborted, so that the response cannot look complete.
 */
export class RevocableAnswer {
  readonly #principal: Principal;
  readonly #response: ServerResponse;
  #made = false;

  constructor(principal: Principal, response: ServerResponse) {
    this.#principal = principal;
    this.#response = response;
    if (response.destroyed) return; // it will not emit `close` again
    response.once(
      'close',
      whenRevoked(principal, () => this.#end()),
    );
  }

  /** The response is complete and only has to be sent. Throws if it must not be. */
  isMade(): void {
    this.#made = true;
    if (!this.#response.headersSent) this.#principal.revoked?.throwIfAborted();
  }

  #end(): void {
    if (this.#made || this.#response.headersSent) this.#response.destroy();
  }
}
