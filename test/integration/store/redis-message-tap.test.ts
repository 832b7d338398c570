import { afterEach, expect, test } from 'vitest';
import { RedisConnection } from '@launchlog/server/redis/connection';
import { tapMessages } from '@launchlog/server/redis/message-tap';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';
import { RedisServer } from '../../support/backing-service/redis-server.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('messages are read before the client library, which still has the answers to its commands', async () => {
  const server = await RedisServer.start();
  cleanups.push(() => server.stop());
  const connection = new RedisConnection(parseRedisUrl(server.url));
  cleanups.push(() => connection.close());
  await connection.ready();
  const subscriber = connection.openSubscriber();
  cleanups.push(() => subscriber.disconnect());
  const tapped: string[] = [];
  const left: string[] = [];
  await subscriber.connect();
  tapMessages(subscriber.stream, (channel, message) => tapped.push(`${channel} ${message.toString()}`));
  subscriber.on('message', (channel: string) => left.push(channel));
  expect(await subscriber.subscribe('a', 'ö')).toBe(2);
  for (const [channel, message] of [
    ['a', 'x'.repeat(200_000)],
    ['ö', 'Zürich\r\n$1\r\n'],
    ['a', ''],
  ] as const) {
    await connection.call((redis) => redis.publish(channel, message));
  }
  expect(await subscriber.unsubscribe('a')).toBe(1);
  await expect.poll(() => tapped.length).toBe(3);
  expect(tapped).toEqual([`a ${'x'.repeat(200_000)}`, 'ö Zürich\r\n$1\r\n', 'a ']);
  expect(left).toEqual([]);
  await expect(subscriber.ping()).resolves.toBeDefined();
});
