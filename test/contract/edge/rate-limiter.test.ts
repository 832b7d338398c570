import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import type { RateLimiter } from '@launchlog/server/rate-limit/rate-limiter';
import { RATE_WINDOW_SECONDS } from '@launchlog/server/rate-limit/rate-limiter';
import { RedisRateLimiter } from '@launchlog/server/rate-limit/redis-rate-limiter';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { RedisServer } from '../../support/backing-service/redis-server.js';

interface Rig {
  open(perMinute: number): RateLimiter;
  /** Lets the minute of every key that was counted so far end. */
  passMinute(): Promise<void>;
  close(): Promise<void>;
}

const RIGS: Record<string, () => Promise<Rig>> = {
  'in memory': () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    return Promise.resolve({
      open: (perMinute) => new MemoryRateLimiter(perMinute),
      passMinute: async () => void (await vi.advanceTimersByTimeAsync(RATE_WINDOW_SECONDS * 1_000)),
      close: () => Promise.resolve(void vi.useRealTimers()),
    });
  },
  'in Redis': async () => {
    const server = await RedisServer.start();
    const connection = new RedisConnection(parseRedisUrl(server.url));
    await connection.ready();
    let opened = 0;
    return {
      open: (perMinute) => {
        opened += 1;
        return new RedisRateLimiter({ connection, clock: systemClock, name: `limit-${opened}`, perMinute });
      },
      passMinute: () =>
        server.with(async (client) => {
          for (const key of await client.keys('*')) {
            expect(await client.ttl(key)).toBeLessThanOrEqual(RATE_WINDOW_SECONDS);
            await client.del(key);
          }
        }),
      close: async () => {
        await connection.close();
        await server.stop();
      },
    };
  },
};

describe.each(Object.entries(RIGS))('a rate limiter %s', (_name, start) => {
  let rig: Rig;
  beforeAll(async () => void (rig = await start()));
  afterAll(() => rig.close());

  const takeAll = async (limiter: RateLimiter, times: number): Promise<number> => {
    const verdicts = await Promise.all(Array.from({ length: times }, () => limiter.take('key')));
    return verdicts.filter(({ allowed }) => allowed).length;
  };

  test('allows as many uses of a key as the limit, then refuses and names the time of the next', async () => {
    const limiter = rig.open(3);
    for (let use = 0; use < 3; use += 1) expect(await limiter.take('key')).toEqual({ allowed: true });
    for (const verdict of [await limiter.take('key'), await limiter.take('key')]) {
      expect(verdict.allowed).toBe(false);
      const retryAfterMs = verdict.allowed ? 0 : verdict.retryAfterMs;
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(RATE_WINDOW_SECONDS * 1_000);
    }
  });

  test('counts uses at the same moment as exactly as uses in a row', async () => {
    expect(await takeAll(rig.open(20), 100)).toBe(20);
  });

  test('counts nothing for a look, and a look agrees with the next use', async () => {
    const limiter = rig.open(1);
    for (let look = 0; look < 5; look += 1) expect(await limiter.look('key')).toEqual({ allowed: true });
    expect(await limiter.take('key')).toEqual({ allowed: true });
    expect(await limiter.look('key')).toMatchObject({ allowed: false });
    expect(await limiter.take('key')).toMatchObject({ allowed: false });
  });

  test('counts each key apart, whatever it is made of', async () => {
    const limiter = rig.open(1);
    const keys = ['a', 'A', 'a:b', 'a b', '*', '', '__proto__', '2001:db8::1', 'é', 'x'.repeat(1_000)];
    for (const key of keys) expect(await limiter.take(key)).toEqual({ allowed: true });
    for (const key of keys) expect(await limiter.look(key)).toMatchObject({ allowed: false });
  });

  test('shares no count with another limiter', async () => {
    const [one, other] = [rig.open(1), rig.open(1)];
    await one.take('key');
    expect(await other.take('key')).toEqual({ allowed: true });
  });

  test('forgets the uses of a key a minute after the first of them', async () => {
    const limiter = rig.open(2);
    expect(await takeAll(limiter, 2)).toBe(2);
    expect(await limiter.look('key')).toMatchObject({ allowed: false });
    await rig.passMinute();
    expect(await limiter.look('key')).toEqual({ allowed: true });
    expect(await takeAll(limiter, 1)).toBe(1);
  });
});
