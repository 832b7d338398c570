import type { RedisConnection } from '../../redis/connection.js';
import { positionKey } from '../../redis/keys.js';
import { LogStoreUnavailableError } from '../log-store.js';
import { redisRefusal } from '../redis-refusal.js';
import { requirePositionName, type PositionStore } from './position-store.js';

interface RedisPositionStoreOptions {
  readonly connection: RedisConnection;
  /** Time from the creation of a record, or from its last reading, until it is forgotten. */
  readonly ttlMs: number;
}

/** Each record is one string. */
export class RedisPositionStore implements PositionStore {
  readonly #connection: RedisConnection;
  readonly #ttlMs: number;

  constructor({ connection, ttlMs }: RedisPositionStoreOptions) {
    this.#connection = connection;
    this.#ttlMs = ttlMs;
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    const key = keyOf(name);
    await this.#call(this.#connection.call((redis) => redis.set(key, Buffer.from(bytes), 'PX', this.#ttlMs)));
  }

  async append(name: string, length: number, bytes: Uint8Array): Promise<void> {
    const key = keyOf(name);
    const now = await this.#call(this.#connection.call((redis) => redis.append(key, Buffer.from(bytes))));
    if (now === length + bytes.length) return;
    await this.remove(name).catch(() => undefined);
    throw new LogStoreUnavailableError('Redis has lost the position of a stream');
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const key = keyOf(name);
    const bytes = await this.#call(this.#connection.call((redis) => redis.getBuffer(key)));
    if (bytes === null) return undefined;
    // A Redis that takes no writes cannot extend its time: the record then expires as before.
    await this.#connection.call((redis) => redis.pexpire(key, this.#ttlMs)).catch(() => undefined);
    return bytes;
  }

  async remove(name: string): Promise<void> {
    const key = keyOf(name);
    await this.#call(this.#connection.call((redis) => redis.del(key)));
  }

  async #call<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      const refusal = redisRefusal(error);
      throw new LogStoreUnavailableError('Redis does not keep the positions of streams now', {
        cause: error,
        refusal,
      });
    }
  }
}

function keyOf(name: string): string {
  return positionKey(requirePositionName(name));
}
