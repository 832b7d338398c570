import { clientNetwork } from '../rate-limit/client-network.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { requireAllowed } from '../rate-limit/rate-limiter.js';

const TOO_MANY = 'too many failed sign-ins from this address: wait a minute';

/** Slows down guessing: after so many wrong tokens in a minute an address waits until the minute is over. */
export class FailedSignIns {
  readonly #limiter: RateLimiter;

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
  }

  /** Rejects for an address that has failed too often, whatever it brings now: otherwise a guess would still tell. */
  async admit(address: string): Promise<void> {
    requireAllowed(await this.#limiter.look(clientNetwork(address)), TOO_MANY);
  }

  /** Rejects where this failure is one too many, so that guesses made at once are counted as those in a row. */
  async note(address: string): Promise<void> {
    requireAllowed(await this.#limiter.take(clientNetwork(address)), TOO_MANY);
  }
}
