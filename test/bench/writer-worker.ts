import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@launchlog/server/clock';
import { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { serveCalls } from './calls.js';
import { stampedMessage } from './stamp.js';
import { writeLine } from '../support/log/write-line.js';

/** Above any that the server under measure gives: it leaves the log to this writer. */
const ATTEMPT = 1_000;
const HOUR_MS = 3_600_000;
const LIMITS = { maxEntries: 10_000, maxBytes: 8_388_608, ttlMs: HOUR_MS, metaTtlMs: 2 * HOUR_MS };

const { redisUrl, nodeId } = JSON.parse(process.argv[2] ?? '') as { redisUrl: string; nodeId: string };
const connection = new RedisConnection(parseRedisUrl(redisUrl));
const store = new RedisLogStore({ connection, clock: systemClock, limits: LIMITS });
await connection.ready();
const writer = await NodeLogWriter.claim({ store, clock: systemClock, nodeId, attempt: ATTEMPT });
let lines = 0;

serveCalls({ write });

/** Resolves when all is acknowledged; with no pace as fast as the store takes it. Answers the seconds it took. */
async function write({ count, perSecond }: { count: number; perSecond?: number }): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    if (perSecond !== undefined) {
      const early = (index * 1_000) / perSecond - (performance.now() - start);
      if (early > 1) await sleep(early);
    } else if (index % 5_000 === 4_999) await writer.flush();
    lines += 1;
    writeLine(writer, stampedMessage(lines), { phase: 'model_loading', source: 'vllm' });
  }
  await writer.flush();
  return (performance.now() - start) / 1_000;
}
