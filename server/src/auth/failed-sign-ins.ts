import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';

const WINDOW_MS = 60_000;
/** Addresses remembered at once; the one that failed first is forgotten first. */
const ADDRESSES_MAX = 10_000;

interface Failures {
  count: number;
  readonly sinceMs: number;
}

/** Slows down guessing: after so many wrong tokens in a minute an address waits until the minute is over. */
export class FailedSignIns {
  readonly #clock: Clock;
  readonly #maxPerMinute: number;
  readonly #byAddress = new Map<string, Failures>();

  constructor(clock: Clock, maxPerMinute: number) {
    this.#clock = clock;
    this.#maxPerMinute = maxPerMinute;
  }

  /** Throws for an address that has failed too often, whatever it brings now: otherwise a guess would still tell. */
  admit(address: string): void {
    const failures = this.#failuresOf(address);
    if (failures === undefined || failures.count < this.#maxPerMinute) return;
    const waitMs = failures.sinceMs + WINDOW_MS - this.#clock.monotonic();
    throw new LaunchlogError('rate_limited', 'too many failed sign-ins from this address: wait a minute', {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
    });
  }

  note(address: string): void {
    const failures = this.#failuresOf(address);
    if (failures !== undefined) {
      failures.count += 1;
      return;
    }
    if (this.#byAddress.size >= ADDRESSES_MAX) {
      const [oldest] = this.#byAddress.keys();
      if (oldest !== undefined) this.#byAddress.delete(oldest);
    }
    this.#byAddress.set(networkOf(address), { count: 1, sinceMs: this.#clock.monotonic() });
  }

  #failuresOf(address: string): Failures | undefined {
    const network = networkOf(address);
    const failures = this.#byAddress.get(network);
    if (failures === undefined) return undefined;
    if (this.#clock.monotonic() - failures.sinceMs < WINDOW_MS) return failures;
    this.#byAddress.delete(network);
    return undefined;
  }
}

/** One customer has a whole /64 of IPv6, so that counts as one address. */
function networkOf(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const missing = plain.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  return [...left, ...Array.from({ length: missing }, () => '0'), ...right].slice(0, 4).join(':');
}
