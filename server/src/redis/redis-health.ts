import type { Clock } from '../clock.js';
import type { RedisConnection } from './connection.js';

/** The health of Redis; in a Cluster, of the node that happened to answer. */
export interface RedisHealth {
  readonly roundTripMs: number;
  readonly memoryUsedBytes: number;
  /** 0 if Redis has no memory limit. */
  readonly memoryMaxBytes: number;
  readonly evictedKeys: number;
  /** Empty if INFO does not show it. */
  readonly version: string;
  /** `maxmemory-policy`; empty where INFO does not show it. */
  readonly policy: string;
  /** Undefined where INFO does not show it. */
  readonly appendOnly: boolean | undefined;
}

/** Rejects if Redis is unavailable. Values that INFO does not show are 0. */
export async function readRedisHealth(connection: RedisConnection, clock: Clock): Promise<RedisHealth> {
  const startMs = clock.monotonic();
  await connection.call((redis) => redis.ping());
  const roundTripMs = clock.monotonic() - startMs;
  const info = await connection.call((redis) => redis.info()).catch(() => '');
  const text = (field: string): string => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1] ?? '';
  const number = (field: string): number => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    roundTripMs,
    memoryUsedBytes: number('used_memory'),
    memoryMaxBytes: number('maxmemory'),
    evictedKeys: number('evicted_keys'),
    version: text('valkey_version') || text('redis_version'),
    policy: text('maxmemory_policy'),
    appendOnly: text('aof_enabled') === '' ? undefined : text('aof_enabled') === '1',
  };
}
