import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';

/** A Lua script that runs inside Redis. It is sent in full only to a server that does not know it yet. */
export class RedisScript {
  readonly #source: string;
  readonly #sha: string;

  /**
   * `name` is that of a `.lua` file in this folder, whose header documents its input and output. `shared` is the file of what it has
   * in common with others.
   */
  constructor(
    name: 'log-append' | 'log-changed' | 'log-claim' | 'log-clear' | 'log-probe' | 'log-read',
    shared?: 'log-entry',
  ) {
    const files = shared === undefined ? [name] : [shared, name];
    this.#source = files
      .map((file) => readFileSync(new URL(`./${file}.lua`, import.meta.url), 'utf8'))
      .join('\n');
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  async run(redis: Redis | Cluster, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(this.#source, keys.length, ...keys, ...args);
    }
  }
}
