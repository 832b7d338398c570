import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { expectContinuous, FeedProbe } from '../support/feed-probe.js';
import { batchOf, logLine } from '../support/log-lines.js';
import { openRedisLogStore } from '../support/log-rigs.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { openWrittenLog } from '../support/written-log.js';

describe('on a Redis Cluster of three nodes', () => {
  let cluster: RedisCluster;
  let store: RedisLogStore;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    store = await openRedisLogStore(cluster.url);
  });
  afterAll(async () => {
    await store.close();
    await cluster.stop();
  });

  it('keeps logs on every node and brings each to its readers, live', async () => {
    const logs = await Promise.all(Array.from({ length: 12 }, () => openWrittenLog(store)));
    const probes = logs.map((log) => FeedProbe.attach(log.feed, log.nodeId, { tail: 10_000 }));
    for (let round = 0; round < 10; round += 1) {
      for (const log of logs) log.write(10);
      await Promise.all(logs.map(({ writer }) => writer.flush()));
    }
    for (const log of logs) log.finish();
    await expect.poll(() => probes.map(({ ended }) => ended)).toEqual(logs.map(() => 'done'));
    probes.forEach((probe, index) => {
      expect(probe.messages).toEqual([...(logs[index]?.expected() ?? []), 'the end']);
      expectContinuous(probe.items);
    });
    const held = await Promise.all(cluster.nodes.map((node) => node.with((redis) => redis.dbsize())));
    for (const keys of held) expect(keys).toBeGreaterThan(0);
    await Promise.all(logs.map((log) => log.close()));
  });

  it('finds the logs that have moved, whichever node holds them', async () => {
    const claims = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const nodeId = randomUUID();
        const claim = await store.claim(nodeId, 1);
        if (claim.kind !== 'claimed') throw new Error('fenced');
        return { nodeId, epoch: claim.epoch, lastSeq: 0 };
      }),
    );
    expect(await store.changed(claims)).toEqual([]);
    const moved = claims.filter((_, index) => index % 5 === 0);
    for (const log of moved) await store.append(batchOf(log, 1, [logLine(1)]));
    expect((await store.changed(claims)).toSorted()).toEqual(moved.map(({ nodeId }) => nodeId).toSorted());
  });

  it('claims, fences, clears and renews as a single server does', async () => {
    for (let round = 0; round < 6; round += 1) {
      const nodeId = randomUUID();
      const first = await store.claim(nodeId, 1);
      if (first.kind !== 'claimed') throw new Error('fenced');
      const batch = batchOf({ nodeId, epoch: first.epoch }, 1, [logLine(1)]);
      expect(await store.append(batch)).toEqual({ kind: 'appended' });
      expect(await store.append(batch)).toEqual({ kind: 'duplicate' });
      await store.clear(nodeId);
      expect(await store.append({ ...batch, firstSeq: 2 })).toEqual({ kind: 'cleared' });
      expect(await store.claim(nodeId, 2)).toMatchObject({ kind: 'claimed', lastSeq: 0 });
      expect(await store.append(batch)).toEqual({ kind: 'fenced' });
      expect(await store.claim(nodeId, 2, 'e'.repeat(16))).toMatchObject({ epoch: 'e'.repeat(16) });
    }
  });

  it('moves to another node when the one that brought the announcements dies', async () => {
    const log = await openWrittenLog(store);
    const probe = FeedProbe.attach(log.feed, log.nodeId, { tail: 10_000 });
    log.write(5);
    await expect.poll(() => probe.messages).toEqual(log.expected());
    for (const node of cluster.nodes) {
      await node.with((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
      log.write(5);
    }
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.messages).toEqual([...log.expected(), 'the end']);
    await log.close();
  });
});
