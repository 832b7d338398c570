import type { Clock } from '../clock.js';
import type { RedisConnection } from './connection.js';

/** How Redis is. In a Cluster: the node that happened to answer. */
export interface RedisHealth {
  readonly roundTripMs: number;
  readonly memoryUsedBytes: number;
  /** 0 where Redis may take what it wants. */
  readonly memoryMaxBytes: number;
  readonly evictedKeys: number;
}

/** Rejects when Redis is away; what INFO is forbidden to tell is 0. */
export async function readRedisHealth(connection: RedisConnection, clock: Clock): Promise<RedisHealth> {
  const startMs = clock.monotonic();
  await connection.call((redis) => redis.ping());
  const roundTripMs = clock.monotonic() - startMs;
  const info = await connection.call((redis) => redis.info()).catch(() => '');
  const number = (field: string): number => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    roundTripMs,
    memoryUsedBytes: number('used_memory'),
    memoryMaxBytes: number('maxmemory'),
    evictedKeys: number('evicted_keys'),
  };
}
