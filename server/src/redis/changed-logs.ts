import { Cluster } from 'ioredis';
import { z } from 'zod';
import type { RedisConnection } from './connection.js';
import { RedisScript } from './script.js';

/** Logs of one call: the script runs for about a millisecond, while Redis does nothing else. */
const LOGS_AT_ONCE = 500;
const FIELDS = ['epoch', 'seq', 'cleared'] as const;

interface BelievedLog {
  /** The key of the hash of what is known about the log. */
  readonly meta: string;
  /** `<epoch>:<last seq>`; empty where no log is known. */
  readonly stands: string;
}

const placesSchema = z.array(z.number());
const hashSchema = z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable()]);

/**
 * Finds the logs that stand elsewhere than somebody believes. One server compares them itself and answers with the few that
 * differ. In a Cluster a script cannot read the keys of several slots, so the servers send where each log ends.
 */
export class ChangedLogs {
  readonly #connection: RedisConnection;
  readonly #script = new RedisScript('log-changed');

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** The places in `logs` of those that differ, in any order. Rejects if Redis is unavailable. */
  async among(logs: readonly BelievedLog[]): Promise<readonly number[]> {
    const places: number[] = [];
    for (let start = 0; start < logs.length; start += LOGS_AT_ONCE) {
      const few = logs.slice(start, start + LOGS_AT_ONCE);
      const { commands } = this.#connection;
      const found =
        commands instanceof Cluster ? await this.#inCluster(commands, few) : await this.#onOne(few);
      for (const place of found) places.push(start + place);
    }
    return places;
  }

  async #onOne(logs: readonly BelievedLog[]): Promise<readonly number[]> {
    const keys = logs.map(({ meta }) => meta);
    const believed = logs.map(({ stands }) => stands);
    const reply = await this.#connection.call((redis) => this.#script.run(redis, keys, believed));
    return placesSchema.parse(reply).map((place) => place - 1);
  }

  async #inCluster(cluster: Cluster, logs: readonly BelievedLog[]): Promise<readonly number[]> {
    const replies = await Promise.all(
      logs.map(({ meta }) => this.#connection.call(() => cluster.hmget(meta, ...FIELDS))),
    );
    const places = replies.map((reply, place) =>
      standsAt(hashSchema.parse(reply)) === logs[place]?.stands ? -1 : place,
    );
    return places.filter((place) => place >= 0);
  }
}

/** As the script has it. */
function standsAt([epoch, seq, cleared]: z.output<typeof hashSchema>): string {
  return epoch === null || cleared !== null ? '' : `${epoch}:${seq}`;
}
