import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { LogFeed } from '@launchlog/server/feed/log-feed';
import { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisRateLimiter } from '@launchlog/server/rate-limit/redis-rate-limiter';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { RedisServer } from '../support/backing-service/redis-server.js';
import { writeLine } from '../support/log/write-line.js';

const GUIDE = readFileSync(fileURLToPath(new URL('../../docs/security.md', import.meta.url)), 'utf8');
const RULES = (/ACL SETUSER launchlog on >… ([^`]+)`/.exec(GUIDE)?.[1] ?? '')
  .split(/\s+/)
  .filter((rule) => rule !== '');
const LIMITS = { maxEntries: 100, maxBytes: 1e6, ttlMs: 60_000, metaTtlMs: 120_000 };

let redis: RedisServer;
let connection: RedisConnection;
beforeAll(async () => {
  redis = await RedisServer.start();
  await redis.with((client) => client.call('ACL', 'SETUSER', 'launchlog', 'on', '>password', ...RULES));
  connection = new RedisConnection(parseRedisUrl(`redis://launchlog:password@127.0.0.1:${redis.port}`));
  await connection.ready();
});
afterAll(async () => {
  await connection.close();
  await redis.stop();
});

describe('the Redis user of the guide', () => {
  test('may do everything the server needs: write, follow live, clear, count', async () => {
    expect(RULES.length).toBeGreaterThan(3);
    const store = new RedisLogStore({ connection, clock: systemClock, limits: LIMITS });
    const nodeId = '550e8400-e29b-41d4-a716-446655440000';
    const feed = new LogFeed({
      store,
      clock: systemClock,
      maxAgeMs: 60_000,
      endedNodes: () => Promise.resolve([]),
      nodeSnapshot: () =>
        Promise.resolve({
          status: { phase: 'queued', progress: 0, message: '' },
          done: { status: 'launching', message: '' },
        }),
    });
    const writer = await NodeLogWriter.claim({ store, clock: systemClock, nodeId, attempt: 1 });
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const batch of feed.follow(nodeId, { tail: 10, follow: true }, stop.signal)) {
        for (const item of batch) if (item.kind === 'log') seen.push(item.record.entry.message);
        if (seen.includes('two')) return;
      }
    })();
    writeLine(writer, 'one', { phase: 'queued', source: 'orchestrator' });
    await writer.flush();
    writeLine(writer, 'two', { phase: 'queued', source: 'orchestrator' });
    await writer.flush();
    await following;
    expect(seen).toEqual(['one', 'two']);
    stop.abort();
    await writer.close();
    await feed.close();
    await store.probe();
    const limiter = new RedisRateLimiter({ connection, clock: systemClock, name: 'acl', perMinute: 1 });
    await limiter.take('a');
    expect((await limiter.look('a')).allowed).toBe(false);
    await redis.with(async (client) => {
      expect(await client.get('launchlog:rate:acl:a')).toBe('1');
    });
  });

  test.each([
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['KEYS', '*'],
    ['GET', 'another-key'],
    ['PUBLISH', 'another-channel', 'x'],
    ['SHUTDOWN'],
    ['ACL', 'LIST'],
  ])('may not: %s', async (command, ...parameters) => {
    await expect(connection.call((client) => client.call(command, ...parameters))).rejects.toThrow('NOPERM');
  });
});
