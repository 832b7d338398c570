import { Cluster } from 'ioredis';
import { z } from 'zod';
import type { RedisConnection } from './connection.js';
import { RedisScript } from './script.js';

/** Logs of one call: the script runs for about a millisecond, while Redis does nothing else. */
const LOGS_AT_ONCE = 500;
/** The scripts compare so many characters of an epoch; ours have 16. */
const EPOCH_MAX = 1_000;
const FIELDS = ['epoch', 'seq', 'cleared'] as const;

interface BelievedLog {
  /** The key of the log's hash of metadata. */
  readonly meta: string;
  /** `<epoch>:<last seq>`; empty where no log is known. */
  readonly stands: string;
}

const indexesSchema = z.array(z.number());
const hashSchema = z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable()]);

/**
 * Finds the logs whose end differs from what the caller believes. A single Redis server compares them in a script and answers
 * with the few that differ. In a Cluster a script cannot read the keys of several slots, so its servers send where each log
 * ends, and the comparison is made here.
 */
export class ChangedLogs {
  readonly #connection: RedisConnection;
  readonly #script = new RedisScript('log-changed');

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** The indexes in `logs` of those that differ, in any order. Rejects if Redis is unavailable. */
  async among(logs: readonly BelievedLog[]): Promise<readonly number[]> {
    const indexes: number[] = [];
    for (let start = 0; start < logs.length; start += LOGS_AT_ONCE) {
      const few = logs.slice(start, start + LOGS_AT_ONCE);
      const { commands } = this.#connection;
      const found =
        commands instanceof Cluster ? await this.#inCluster(commands, few) : await this.#onOne(few);
      for (const index of found) indexes.push(start + index);
    }
    return indexes;
  }

  async #onOne(logs: readonly BelievedLog[]): Promise<readonly number[]> {
    const keys = logs.map(({ meta }) => meta);
    const believed = logs.map(({ stands }) => stands);
    const reply = await this.#connection.call((redis) => this.#script.run(redis, keys, believed));
    return indexesSchema.parse(reply).map((index) => index - 1);
  }

  async #inCluster(cluster: Cluster, logs: readonly BelievedLog[]): Promise<readonly number[]> {
    const replies = await Promise.all(
      logs.map(({ meta }) => this.#connection.call(() => cluster.hmget(meta, ...FIELDS).catch(noHash))),
    );
    const indexes = replies.map((reply, index) =>
      standsAt(hashSchema.parse(reply)) === logs[index]?.stands ? -1 : index,
    );
    return indexes.filter((index) => index >= 0);
  }
}

/** A key of another type is another program's: one of them must not fail the question for all the others. */
function noHash(error: unknown): readonly null[] {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return FIELDS.map(() => null);
  throw error;
}

/** In the form that the script compares. */
function standsAt([epoch, seq, cleared]: z.output<typeof hashSchema>): string {
  return epoch === null || cleared !== null ? '' : `${epoch.slice(0, EPOCH_MAX)}:${seq ?? ''}`;
}
