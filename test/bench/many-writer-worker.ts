import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@launchlog/server/clock';
import { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { serveCalls } from './calls.js';
import { stampedMessage } from './stamp.js';
import { writeLine } from '../support/log/write-line.js';

const HOUR_MS = 3_600_000;
const LIMITS = { maxEntries: 10_000, maxBytes: 8_388_608, ttlMs: HOUR_MS, metaTtlMs: 2 * HOUR_MS };
const CLAIMS_AT_ONCE = 100;

/** Writes many logs in turn, as other servers would. */
const { redisUrl } = JSON.parse(process.argv[2] ?? '') as { redisUrl: string };
const connection = new RedisConnection(parseRedisUrl(redisUrl));
const store = new RedisLogStore({ connection, clock: systemClock, limits: LIMITS });
await connection.ready();
const writers: NodeLogWriter[] = [];
let lines = 0;

serveCalls({ claim, write });

async function claim(nodeIds: readonly string[]): Promise<void> {
  for (let claimed = 0; claimed < nodeIds.length; claimed += CLAIMS_AT_ONCE) {
    const few = nodeIds.slice(claimed, claimed + CLAIMS_AT_ONCE);
    const claims = few.map((nodeId) =>
      NodeLogWriter.claim({ store, clock: systemClock, nodeId, attempt: 1 }),
    );
    writers.push(...(await Promise.all(claims)));
  }
}

/** `perSecond` lines in all logs together. Resolves when all are acknowledged. */
async function write({ count, perSecond }: { count: number; perSecond: number }): Promise<void> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const early = (index * 1_000) / perSecond - (performance.now() - start);
    if (early > 1) await sleep(early);
    const writer = writers[index % writers.length];
    lines += 1;
    if (writer !== undefined)
      writeLine(writer, stampedMessage(lines), { phase: 'model_loading', source: 'vllm' });
  }
  await Promise.all(writers.map((writer) => writer.flush()));
}
