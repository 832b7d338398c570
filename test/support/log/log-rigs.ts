import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '@launchlog/server/clock';
import { EmbeddedLogStore } from '@launchlog/server/log/embedded-log-store';
import type { LogLimits, NodeLogStore } from '@launchlog/server/log/log-store';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { RedisServer } from '../backing-service/redis-server.js';

export const TEST_LIMITS: LogLimits = {
  maxEntries: 2_000,
  maxBytes: 1024 * 1024,
  ttlMs: 60_000,
  metaTtlMs: 120_000,
};

/** Somewhere to keep logs for one test file: opens stores over the same data, and takes it all away at the end. */
export interface LogRig {
  open(limits?: Partial<LogLimits>): Promise<NodeLogStore>;
  close(): Promise<void>;
}

export async function redisLogRig(clock: Clock = systemClock): Promise<LogRig & { server: RedisServer }> {
  const server = await RedisServer.start();
  return {
    server,
    open: (limits) => openRedisLogStore(server.url, limits, clock),
    close: () => server.stop(),
  };
}

export async function openRedisLogStore(
  url: string,
  limits: Partial<LogLimits> = {},
  clock: Clock = systemClock,
): Promise<RedisLogStore> {
  const connection = new RedisConnection(parseRedisUrl(url));
  const store = new RedisLogStore({ connection, clock, limits: { ...TEST_LIMITS, ...limits } });
  await connection.ready();
  return store;
}

export async function embeddedLogRig(clock: Clock = systemClock): Promise<LogRig> {
  const directory = await mkdtemp(join(tmpdir(), 'launchlog-log-'));
  return {
    open: (limits = {}) => EmbeddedLogStore.open({ directory, clock, limits: { ...TEST_LIMITS, ...limits } }),
    close: () => rm(directory, { recursive: true }),
  };
}
