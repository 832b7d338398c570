import { randomUUID } from 'node:crypto';
import { systemClock } from '@launchlog/server/clock';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { stampedEntry } from './stamp.js';
import { percentile, summarise, type Summary } from './statistics.js';

const HOUR_MS = 3_600_000;
const LENGTHS = [100, 10_000] as const;
const FILL_LINES = 500;

/** Microseconds from an append of one entry to its acknowledgement, for logs that hold this number of entries all the time. */
export async function measureAppends(
  redisUrl: string,
  rounds: { count: number; appends: number },
): Promise<Record<(typeof LENGTHS)[number], Summary>> {
  const logs = await Promise.all(LENGTHS.map((length) => FullLog.open(redisUrl, length)));
  const medians: Record<(typeof LENGTHS)[number], number[]> = { 100: [], 10_000: [] };
  try {
    for (let round = 0; round < rounds.count; round += 1) {
      const inTurn = round % 2 === 0 ? logs : logs.toReversed();
      for (const log of inTurn) medians[log.length].push(await log.medianAppendMicros(rounds.appends));
    }
  } finally {
    await Promise.all(logs.map((log) => log.close()));
  }
  return { 100: summarise(medians[100]), 10_000: summarise(medians[10_000]) };
}

/** A log at its cap: what is appended pushes out as much. */
class FullLog {
  static async open(redisUrl: string, length: (typeof LENGTHS)[number]): Promise<FullLog> {
    const connection = new RedisConnection(parseRedisUrl(redisUrl));
    const limits = { maxEntries: length, maxBytes: 2 ** 26, ttlMs: HOUR_MS, metaTtlMs: 2 * HOUR_MS };
    const store = new RedisLogStore({ connection, clock: systemClock, limits });
    await connection.ready();
    const nodeId = randomUUID();
    const claim = await store.claim(nodeId, 1);
    if (claim.kind !== 'claimed') throw new Error('fenced');
    const log = new FullLog(store, length, { nodeId, epoch: claim.epoch });
    for (let filled = 0; filled < length; filled += FILL_LINES) await log.#append(FILL_LINES);
    return log;
  }

  readonly length: (typeof LENGTHS)[number];
  readonly #store: RedisLogStore;
  readonly #place: { readonly nodeId: string; readonly epoch: string };
  #seq = 0;

  private constructor(
    store: RedisLogStore,
    length: (typeof LENGTHS)[number],
    place: { nodeId: string; epoch: string },
  ) {
    this.#store = store;
    this.length = length;
    this.#place = place;
  }

  async medianAppendMicros(appends: number): Promise<number> {
    const micros: number[] = [];
    for (let count = 0; count < appends; count += 1) {
      const start = performance.now();
      await this.#append(1);
      micros.push((performance.now() - start) * 1_000);
    }
    return percentile(micros, 50);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #append(count: number): Promise<void> {
    const firstSeq = this.#seq + 1;
    const lines = Array.from({ length: count }, (_, index) => JSON.stringify(stampedEntry(firstSeq + index)));
    const reply = await this.#store.append({ ...this.#place, attempt: 1, firstSeq, lines, terminal: false });
    if (reply.kind !== 'appended') throw new Error(reply.kind);
    this.#seq += count;
  }
}
