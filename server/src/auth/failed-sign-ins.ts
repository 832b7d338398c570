import { createHmac } from 'node:crypto';
import { clientNetwork } from '../rate-limit/client-network.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { requireAllowed } from '../rate-limit/rate-limiter.js';

const TOO_MANY = 'too many failed sign-ins from this address: wait a minute';

interface FailedSignInsOptions {
  /** Counts the different wrong tokens of an address. */
  readonly failures: RateLimiter;
  /** Remembers each wrong token of the last minute. */
  readonly repeats: RateLimiter;
  /** The key of the hashes by which wrong tokens are remembered: without it, guesses could be tried on them. */
  readonly secret: string;
}

/**
 * Slows down guessing: after too many different wrong tokens in a minute, an address must wait until the minute is over. A
 * client that repeats one stale token is no attack: however often it does, it counts once for its address.
 */
export class FailedSignIns {
  readonly #options: FailedSignInsOptions;

  constructor(options: FailedSignInsOptions) {
    this.#options = options;
  }

  /** Rejects an address that has failed too often. */
  async admit(address: string): Promise<void> {
    requireAllowed(await this.#options.failures.look(clientNetwork(address)), TOO_MANY);
  }

  /**
   * Notes a wrong token; false where it was noted in this minute already. Rejects if it is one too many, so that concurrent
   * guesses count like sequential ones.
   */
  async note(address: string, token: string): Promise<boolean> {
    const network = clientNetwork(address);
    const { failures, repeats, secret } = this.#options;
    const name = createHmac('sha256', secret).update(token).digest('base64url');
    if (!(await repeats.take(`${network}:${name}`)).allowed) return false;
    requireAllowed(await failures.take(network), TOO_MANY);
    return true;
  }
}
