import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '@launchlog/server/redis/redis-url';

const plain = { username: undefined, password: undefined, db: 0, tls: false };

describe('REDIS_URL', () => {
  it('names a single server, with user, password and database', () => {
    expect(parseRedisUrl('redis://127.0.0.1')).toEqual({
      kind: 'single',
      host: '127.0.0.1',
      port: 6379,
      ...plain,
    });
    expect(parseRedisUrl('rediss://me:p%40ss%3Aw@redis.example:7000/3')).toEqual({
      kind: 'single',
      host: 'redis.example',
      port: 7000,
      username: 'me',
      password: 'p@ss:w',
      db: 3,
      tls: true,
    });
    expect(parseRedisUrl('redis://:secret@[::1]:6380')).toMatchObject({
      host: '::1',
      port: 6380,
      password: 'secret',
    });
  });

  it('names sentinels and the master they watch', () => {
    expect(parseRedisUrl('redis+sentinel://a:26379,b/mymaster/2?sentinel_password=x%20y')).toEqual({
      kind: 'sentinel',
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 26_379 },
      ],
      master: 'mymaster',
      sentinelUsername: undefined,
      sentinelPassword: 'x y',
      ...plain,
      db: 2,
    });
  });

  it('names some nodes of a cluster', () => {
    expect(parseRedisUrl('rediss+cluster://u:p@a:7001,b')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7_001 },
        { host: 'b', port: 6_379 },
      ],
      username: 'u',
      password: 'p',
      db: 0,
      tls: true,
    });
  });

  it.each([
    'http://a',
    'redis://',
    'redis://a,b',
    'redis://a:99999',
    'redis://a/x',
    'redis://a/1/2',
    'redis+sentinel://a',
    'redis+cluster://a/1',
    'redis+ring://a',
  ])('refuses %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow('REDIS_URL');
  });

  it('never repeats the URL, which may hold a password', () => {
    expect(() => parseRedisUrl('redis://u:hunter2@a:b:c')).toThrow(/^(?!.*hunter2)/);
  });
});
