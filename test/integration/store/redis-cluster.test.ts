import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisLogStore } from '@launchlog/server/log/redis-log-store';
import { RedisCluster } from '../../support/backing-service/redis-cluster.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import { batchOf, logLine } from '../../support/log/log-lines.js';
import { openRedisLogStore } from '../../support/log/log-rigs.js';
import { openWrittenLog } from '../../support/log/written-log.js';

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
    const nodeIds = await cluster.spreadNodeIds(12);
    const logs = await Promise.all(nodeIds.map((nodeId) => openWrittenLog(store, { nodeId })));
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

  it('announces each log at its own node only, over one connection to each', async () => {
    const nodeIds = await cluster.spreadNodeIds(12);
    const logs = await Promise.all(nodeIds.map((nodeId) => openWrittenLog(store, { nodeId })));
    const probes = logs.map((log) => FeedProbe.attach(log.feed, log.nodeId, { tail: 10_000 }));
    for (const log of logs) log.write(1);
    await expect.poll(() => probes.map(({ messages }) => messages.length)).toEqual(logs.map(() => 1));
    const ofLogs = (channels: unknown) => (channels as string[]).filter((name) => name.endsWith(':live'));
    const found = await Promise.all(
      cluster.nodes.map((node) =>
        node.with(async (redis) => ({
          sharded: ofLogs(await redis.call('PUBSUB', 'SHARDCHANNELS')),
          plain: ofLogs(await redis.call('PUBSUB', 'CHANNELS')),
          published: String(await redis.info('commandstats')).includes('cmdstat_publish:'),
          subscribers: String(await redis.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
            .trim()
            .split('\n').length,
        })),
      ),
    );
    expect(found.flatMap(({ sharded }) => sharded).toSorted()).toEqual(
      logs.map(({ nodeId }) => `{node_logs:${nodeId}}:live`).toSorted(),
    );
    for (const { sharded, plain, published, subscribers } of found) {
      expect(sharded.length).toBeGreaterThan(0);
      expect([plain, published, subscribers]).toEqual([[], false, 1]);
    }
    for (const log of logs) log.finish();
    await expect.poll(() => probes.map(({ ended }) => ended)).toEqual(logs.map(() => 'done'));
    await Promise.all(logs.map((log) => log.close()));
  });

  it('follows a log whose slot moves to another node, and loses nothing', async () => {
    const log = await openWrittenLog(store);
    const probe = FeedProbe.attach(log.feed, log.nodeId, { tail: 10_000 });
    log.write(5);
    await expect.poll(() => probe.messages).toEqual(log.expected());
    await cluster.moveSlotOf(`node_logs:${log.nodeId}`);
    log.write(5);
    await expect.poll(() => probe.messages).toEqual(log.expected());
    // Announced again, not only found: an announcement arrives long before the store would be asked.
    const [channel] = [`{node_logs:${log.nodeId}}:live`];
    await expect
      .poll(async () => (await cluster.subscribersOf(channel)).toSorted((one, other) => one - other))
      .toEqual([0, 0, 1]);
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.messages).toEqual([...log.expected(), 'the end']);
    expectContinuous(probe.items);
    await log.close();
  });

  it('finds the logs that have moved, whichever node holds them', async () => {
    const claims = await Promise.all(
      (await cluster.spreadNodeIds(12)).map(async (nodeId) => {
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
