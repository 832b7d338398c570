import { clientNetwork } from '../rate-limit/client-network.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { requireAllowed } from '../rate-limit/rate-limiter.js';

const TOO_MANY = 'too many failed sign-ins from this address: wait a minute';

/** Slows down guessing: after too many wrong tokens in a minute, an address must wait until the minute is over. */
export class FailedSignIns {
  readonly #limiter: RateLimiter;

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
  }

  /** Rejects an address that has failed too often even if its token is right, so that it cannot learn this: decision 44. */
  async admit(address: string): Promise<void> {
    requireAllowed(await this.#limiter.look(clientNetwork(address)), TOO_MANY);
  }

  /** Counts a failure. Rejects if it is one too many, so that concurrent guesses count like sequential ones. */
  async note(address: string): Promise<void> {
    requireAllowed(await this.#limiter.take(clientNetwork(address)), TOO_MANY);
  }
}
