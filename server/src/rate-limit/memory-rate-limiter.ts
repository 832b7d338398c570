import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiter, RateVerdict } from './rate-limiter.js';
import { RATE_WINDOW_SECONDS } from './rate-limiter.js';

/** The most keys that are counted at the same time; the oldest is dropped first. */
const KEYS_MAX = 10_000;

/** A rate limiter that counts in this process. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #limiter: RateLimiterMemory;
  readonly #perMinute: number;
  readonly #keys = new Set<string>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#limiter = new RateLimiterMemory({ points: perMinute, duration: RATE_WINDOW_SECONDS });
  }

  async take(key: string): Promise<RateVerdict> {
    await this.#remember(key);
    try {
      await this.#limiter.consume(key);
      return { allowed: true };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { allowed: false, retryAfterMs: refusal.msBeforeNext };
    }
  }

  async look(key: string): Promise<RateVerdict> {
    const counted = await this.#limiter.get(key);
    if (counted === null || counted.consumedPoints < this.#perMinute) return { allowed: true };
    return { allowed: false, retryAfterMs: counted.msBeforeNext };
  }

  /** The library drops a key after its minute, but a client with many addresses could fill the memory before that. */
  async #remember(key: string): Promise<void> {
    if (this.#keys.has(key)) return;
    const [oldest] = this.#keys;
    if (this.#keys.size >= KEYS_MAX && oldest !== undefined) {
      this.#keys.delete(oldest);
      await this.#limiter.delete(oldest);
    }
    this.#keys.add(key);
  }
}
