import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { StreamLimit } from '@launchlog/server/edge/event-stream/stream-limit';
import { clientNetwork } from '@launchlog/server/rate-limit/client-network';
import { MemoryRateLimiter } from '@launchlog/server/rate-limit/memory-rate-limiter';
import { PageAnswerLimiter } from '@launchlog/server/rate-limit/page-answer-limiter';
import { requireAllowed } from '@launchlog/server/rate-limit/rate-limiter';
import { RedisRateLimiter } from '@launchlog/server/rate-limit/redis-rate-limiter';
import { FakeClock } from '../../../support/fake/fake-clock.js';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['2001:db8::1:2:3:4', '2001:db8:0:0'],
  ['2001::1:2:3:4:5', '2001:0:0:1'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['1:2:3:4::5:6:7:8', '1:2:3:4'],
  ['1:2:3::4:5:6:7:8:9', '1:2:3:4'],
])('the address %s counts as %s', (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});

test.each([
  [-5, 1],
  [1, 1],
  [1_001, 2],
  [59_999, 60],
  [600_000, 60],
])('a caller whose minute ends in %i ms waits %i s', (retryAfterMs, retryAfterSeconds) => {
  expect(() => requireAllowed({ allowed: true }, 'too many')).not.toThrow();
  expect(() => requireAllowed({ allowed: false, retryAfterMs }, 'too many')).toThrow(
    expect.objectContaining({ code: 'rate_limited', message: 'too many', retryAfterSeconds }) as Error,
  );
});

test('what fails while it counts is no refusal', async () => {
  await expect(new MemoryRateLimiter(1).take(Symbol('key') as unknown as string)).rejects.toThrow(TypeError);
});

test('of 10,000 callers the first is forgotten for a new one, and for no other', async () => {
  const limiter = new MemoryRateLimiter(1);
  const taken = async (key: string) => (await limiter.take(key)).allowed;
  for (let caller = 0; caller < 10_000; caller += 1) await limiter.take(`caller ${caller}`);
  expect([await taken('caller 9999'), await taken('caller 0')]).toEqual([false, false]);
  expect(await taken('a new caller')).toBe(true);
  expect([await taken('caller 1'), await taken('caller 0')]).toEqual([false, true]);
});

const answer = (destroyed = false) => Object.assign(new EventEmitter(), { destroyed });

test('a caller has 32 pages open, and one more for each that it has read', () => {
  const limiter = new PageAnswerLimiter();
  const open = Array.from({ length: 32 }, () => answer());
  for (const one of open) limiter.take('a', one);
  const more = () => limiter.take('a', answer());
  expect(more).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 1 }) as Error);
  limiter.take('b', answer());
  // Nobody reads it, and nothing would count it down again.
  for (let count = 0; count < 40; count += 1) limiter.take('c', answer(true));
  limiter.take('c', answer());
  open[0]?.emit('close');
  expect(more).not.toThrow();
  expect(more).toThrow('32 log pages');
  for (const one of open.slice(1)) one.emit('close');
  expect(more).not.toThrow();
});

test('a process with all of its streams open refuses one more, until one ends', () => {
  const limit = new StreamLimit(2);
  const leave = limit.enter();
  limit.requireFree();
  limit.enter();
  const full = expect.objectContaining({ code: 'unavailable', retryAfterSeconds: 5 }) as Error;
  expect(() => limit.requireFree()).toThrow(full);
  expect(() => limit.enter()).toThrow(full);
  leave();
  limit.enter();
  expect(() => limit.enter()).toThrow('2 streams');
});

test('Redis is not asked again for two seconds after it did not answer', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const commands = {
    get status() {
      asked += 1;
      return 'end';
    },
  };
  const connection = { commands } as never;
  const limiter = new RedisRateLimiter({ connection, clock, name: 'x', perMinute: 1 });
  expect(await limiter.take('key')).toEqual({ allowed: true });
  const first = asked;
  expect(first).toBeGreaterThan(0);
  await clock.advance(1_999);
  expect(await limiter.take('key')).toMatchObject({ allowed: false });
  expect(await limiter.look('key')).toMatchObject({ allowed: false });
  expect(asked).toBe(first);
  await clock.advance(1);
  await limiter.take('key');
  expect(asked).toBeGreaterThan(first);
});
