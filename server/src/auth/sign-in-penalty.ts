import { createHash } from 'node:crypto';
import type { Clock } from '../clock.js';
import { clientNetwork } from '../rate-limit/client-network.js';

const FIRST_MS = 1_000;
const MAX_MS = 60_000;
/** After this time without a failure, a client starts with the first wait again. */
const FORGOTTEN_AFTER_MS = 2 * MAX_MS;
/** Tokens and addresses that are remembered; the oldest are dropped first. */
const KEYS_MAX = 10_000;

interface Failures {
  readonly count: number;
  readonly atMs: number;
}

/**
 * How long a wrong first message waits for its answer. Some clients connect again as soon as a socket is closed, hundreds of
 * times a second; only a socket that stays open without an answer makes them wait. The time doubles with each failure of a
 * token at an address, and with each further token that fails there.
 */
export class SignInPenalty {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a failure and returns how many milliseconds its client waits. */
  next(address: string, token: string): number {
    const network = clientNetwork(address);
    const key = `${network}:${createHash('sha256').update(token).digest('base64url')}`;
    const isNew = this.#count(key) === 0;
    const ofToken = this.#note(key);
    const ofAddress = isNew ? this.#note(network) : this.#count(network);
    return Math.min(MAX_MS, FIRST_MS * 2 ** (Math.max(ofToken, ofAddress) - 1));
  }

  #count(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined || this.#clock.monotonic() - failures.atMs > FORGOTTEN_AFTER_MS) return 0;
    return failures.count;
  }

  #note(key: string): number {
    const count = this.#count(key) + 1;
    this.#failures.delete(key);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= KEYS_MAX && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(key, { count, atMs: this.#clock.monotonic() });
    return count;
  }
}
