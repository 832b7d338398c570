import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../clock.js';
import type { RedisConnection } from '../redis/connection.js';
import { answerWithin } from '../wait/answer-within.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { RateLimiter, RateVerdict } from './rate-limiter.js';
import { RATE_WINDOW_SECONDS } from './rate-limiter.js';

interface RedisRateLimiterOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  /** Part of the keys, so that limits do not share their counts. */
  readonly name: string;
  readonly perMinute: number;
}

/** How long a request waits for Redis; a limit is not worth more. */
const ANSWER_WITHIN_MS = 250;
/** How long this process counts alone after a failure. */
const REST_MS = 2_000;

/** Counts in Redis, for all servers together, and alone while Redis is away: see decision 49. */
export class RedisRateLimiter implements RateLimiter {
  readonly #limiter: RateLimiterRedis;
  readonly #alone: MemoryRateLimiter;
  readonly #clock: Clock;
  readonly #perMinute: number;
  #restUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ connection, clock, name, perMinute }: RedisRateLimiterOptions) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#alone = new MemoryRateLimiter(perMinute);
    this.#limiter = new RateLimiterRedis({
      storeClient: connection.commands,
      keyPrefix: `launchlog:rate:${name}`,
      points: perMinute,
      duration: RATE_WINDOW_SECONDS,
      rejectIfRedisNotReady: true,
      /** A key that is beyond the limit is refused without asking Redis. */
      inMemoryBlockOnConsumed: perMinute + 1,
    });
  }

  /** Counts in this process as well, so that the count does not start at zero when Redis fails. */
  async take(key: string): Promise<RateVerdict> {
    const [alone, shared] = await Promise.all([this.#alone.take(key), this.#ask(() => this.#consume(key))]);
    return shared ?? alone;
  }

  async look(key: string): Promise<RateVerdict> {
    return (await this.#ask(() => this.#peek(key))) ?? this.#alone.look(key);
  }

  async #consume(key: string): Promise<RateVerdict> {
    try {
      await this.#limiter.consume(key);
      return { allowed: true };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { allowed: false, retryAfterMs: refusal.msBeforeNext };
    }
  }

  async #peek(key: string): Promise<RateVerdict> {
    const counted = await this.#limiter.get(key);
    if (counted === null || counted.consumedPoints < this.#perMinute) return { allowed: true };
    return { allowed: false, retryAfterMs: counted.msBeforeNext };
  }

  /** Undefined if Redis has not answered in time. */
  async #ask(question: () => Promise<RateVerdict>): Promise<RateVerdict | undefined> {
    if (this.#clock.monotonic() < this.#restUntilMs) return undefined;
    const answer = question().catch(() => undefined);
    const verdict = await answerWithin({ clock: this.#clock, ms: ANSWER_WITHIN_MS }, answer, undefined);
    if (verdict === undefined) this.#restUntilMs = this.#clock.monotonic() + REST_MS;
    return verdict;
  }
}
