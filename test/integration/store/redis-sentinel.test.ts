import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import { openRedisLogStore } from '../../support/log/log-rigs.js';
import { openWrittenLog } from '../../support/log/written-log.js';
import { eventually } from '../../support/within.js';

describe('behind Redis Sentinel', () => {
  let master: RedisServer;
  let replica: RedisServer;
  let sentinel: RedisServer;
  let store: RedisLogStore;

  beforeAll(async () => {
    master = await RedisServer.start();
    replica = await RedisServer.start({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    await eventually('the sentinel', async () =>
      (await replica.with((redis) => redis.info('replication'))).includes('master_link_status:up'),
    );
    sentinel = await RedisServer.start({ mode: 'sentinel' });
    await sentinel.with(async (redis) => {
      await redis.call('SENTINEL', 'MONITOR', 'mymaster', '127.0.0.1', master.port, 1);
      await redis.call(
        'SENTINEL',
        'SET',
        'mymaster',
        'down-after-milliseconds',
        500,
        'failover-timeout',
        3_000,
      );
    });
    await eventually('the sentinel', async () => {
      const replicas = await sentinel.with((redis) => redis.call('SENTINEL', 'REPLICAS', 'mymaster'));
      return Array.isArray(replicas) && replicas.length === 1;
    });
    store = await openRedisLogStore(`redis+sentinel://127.0.0.1:${sentinel.port}/mymaster`);
  });
  afterAll(async () => {
    await store?.close();
    for (const server of [sentinel, replica, master]) await server?.stop();
  });

  it('follows the master to its successor: the log continues from the replica, or readers get a reset', async () => {
    const log = await openWrittenLog(store);
    const probe = FeedProbe.attach(log.feed, log.nodeId, { tail: 10_000 });
    log.write(50);
    await expect.poll(() => probe.messages).toEqual(log.expected());
    await master.kill();
    log.write(50);
    await log.writer.flush(AbortSignal.timeout(40_000));
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expectContinuous(probe.items);
    const afterReset = probe.items.findLastIndex(({ kind }) => kind === 'reset') + 1;
    const messages = probe.items
      .slice(afterReset)
      .flatMap((item) => (item.kind === 'log' ? [item.record.entry.message] : []));
    expect(messages).toEqual([...log.expected(), 'the end']);
    expect(await replica.with((redis) => redis.llen(`node_logs:${log.nodeId}`))).toBe(101);
    await log.close();
  });
});
