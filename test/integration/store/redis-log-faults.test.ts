import { afterEach, describe, expect, it } from 'vitest';
import type { FeedItem } from '@launchlog/server/feed/feed-item';
import { LogStoreUnavailableError, type NodeLogStore } from '@launchlog/server/log/log-store';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { FakeClock } from '../../support/fake/fake-clock.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import { batchOf, logLine, logLines } from '../../support/log/log-lines.js';
import { openRedisLogStore } from '../../support/log/log-rigs.js';
import { openWrittenLog } from '../../support/log/written-log.js';
import { TcpProxy } from '../../support/network/tcp-proxy.js';

describe('when Redis fails', () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function startServer(options = {}): Promise<RedisServer> {
    const server = await RedisServer.start(options);
    cleanups.push(() => server.stop());
    return server;
  }

  async function openStore(url: string): Promise<NodeLogStore> {
    const store = await openRedisLogStore(url, {
      ttlMs: 3_600_000,
      metaTtlMs: 7_200_000,
      maxEntries: 10_000,
    });
    cleanups.push(() => store.close());
    return store;
  }

  /** A launch that is written and read while a test breaks things. */
  async function startLaunch(store: NodeLogStore) {
    const log = await openWrittenLog(store);
    cleanups.push(() => log.close());
    const probe = FeedProbe.attach(log.feed, log.nodeId, { tail: 10_000 });
    log.write(50);
    await expect.poll(() => probe.seqs.length).toBe(50);
    return { log, probe };
  }

  it('continues after a crash with all data kept: nothing is lost or repeated, and readers get notices', async () => {
    const server = await startServer({ aof: true });
    const { log, probe } = await startLaunch(await openStore(server.url));
    await server.kill();
    log.write(100);
    await expect.poll(() => probe.notices).toEqual(['log_store_unavailable']);
    expect(probe.ended).toBeUndefined();
    await server.launch();
    log.write(50);
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.messages).toEqual([...log.expected(), 'the end']);
    expect(probe.notices).toEqual(['log_store_unavailable', 'log_store_back']);
    expect(probe.resets).toEqual([]);
    expectContinuous(probe.items);
  });

  it('begins a new epoch after a crash without data, and gives readers all that the writer still had', async () => {
    const server = await startServer();
    const { log, probe } = await startLaunch(await openStore(server.url));
    await server.killWithData();
    log.write(20);
    await server.launch();
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.resets.every(({ reason }) => reason === 'lost')).toBe(true);
    expect(probe.resets.length).toBeGreaterThan(0);
    expectContinuous(probe.items);
    expect(afterLastReset(probe.items)).toEqual([...log.expected(), 'the end']);
  });

  it('notices data that was rolled back: no number is given twice in one epoch', async () => {
    const server = await startServer();
    const { log, probe } = await startLaunch(await openStore(server.url));
    await server.with((redis) => redis.save());
    log.write(30);
    await expect.poll(() => probe.seqs.length).toBe(80);
    await server.kill();
    await server.launch();
    log.write(5);
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expectContinuous(probe.items);
    expect(afterLastReset(probe.items)).toEqual([...log.expected(), 'the end']);
    const contents = new Map<string, string>();
    for (const item of probe.items) {
      if (item.kind !== 'log') continue;
      expect(contents.get(item.cursor) ?? item.record.json).toBe(item.record.json);
      contents.set(item.cursor, item.record.json);
    }
  });

  it('gives a takeover a new epoch when the data was rolled back and the former writer is gone', async () => {
    const server = await startServer();
    const { log, probe } = await startLaunch(await openStore(server.url));
    await server.with((redis) => redis.save());
    log.write(30);
    await expect.poll(() => probe.seqs.length).toBe(80);
    const cursor = probe.cursor;
    await log.close();
    await server.kill();
    await server.launch();
    const store = await openStore(server.url);
    const next = await openWrittenLog(store, { nodeId: log.nodeId, attempt: 2 });
    cleanups.push(() => next.close());
    expect(next.writer.claimed.lastSeq).toBe(50);
    next.write(40);
    const resumed = FeedProbe.attach(next.feed, log.nodeId, { cursor });
    await expect.poll(() => resumed.seqs.length).toBe(90);
    expect(resumed.resets).toMatchObject([{ reason: 'lost' }]);
  });

  it('lets a takeover continue in the same epoch when Redis stayed as it was', async () => {
    const server = await startServer();
    const store = await openStore(server.url);
    const { log, probe } = await startLaunch(store);
    const next = await openWrittenLog(store, { nodeId: log.nodeId, attempt: 2 });
    cleanups.push(() => next.close());
    next.write(5);
    await expect.poll(() => probe.seqs.length).toBe(55);
    expect(probe.resets).toEqual([]);
    log.write(1);
    await expect(log.writer.flush()).rejects.toMatchObject({ reason: 'fenced' });
  });

  it('waits for a Redis that hangs, and is notified when it is back', async () => {
    const server = await startServer();
    const { log, probe } = await startLaunch(await openStore(server.url));
    server.freeze();
    log.write(25);
    await expect.poll(() => probe.notices).toEqual(['log_store_unavailable']);
    server.thaw();
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.messages).toEqual([...log.expected(), 'the end']);
    expect(probe.resets).toEqual([]);
    expectContinuous(probe.items);
  });

  it('misses nothing when only the connection for announcements breaks repeatedly', async () => {
    const server = await startServer();
    const { log, probe } = await startLaunch(await openStore(server.url));
    await server.with(async (redis) => {
      for (let round = 0; round < 20; round += 1) {
        log.write(20);
        await expect.poll(() => redis.call('CLIENT', 'LIST', 'TYPE', 'pubsub')).not.toBe('');
        await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      }
    });
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.messages).toEqual([...log.expected(), 'the end']);
    expectContinuous(probe.items);
  });

  it('finds out that a subscription is deaf although its connection lives', async () => {
    const server = await startServer();
    const proxy = await TcpProxy.start(server.port);
    cleanups.push(() => proxy.close());
    const clock = new FakeClock();
    const store = await openRedisLogStore(`redis://127.0.0.1:${proxy.port}`, {}, clock);
    cleanups.push(() => store.close());
    const signals: string[] = [];
    await store.subscribe('n', ({ kind }) => signals.push(kind));
    await clock.advance(5_000);
    expect(signals).toEqual([]);
    proxy.silenceSubscribers();
    await expect
      .poll(async () => {
        await clock.advance(500);
        return signals;
      })
      .toEqual(['interrupted', 'resumed']);
  });

  it('appends once when the reply is lost on the way', async () => {
    const server = await startServer();
    const proxy = await TcpProxy.start(server.port);
    cleanups.push(() => proxy.close());
    const store = await openStore(`redis://127.0.0.1:${proxy.port}`);
    const { log, probe } = await startLaunch(store);
    for (let round = 0; round < 5; round += 1) {
      const length = () => server.with((redis) => redis.llen(`node_logs:${log.nodeId}`));
      const before = await length();
      await proxy.loseRepliesUntil(
        (async () => {
          log.write(1);
          await expect.poll(length).toBe(before + 1);
        })(),
      );
      await log.writer.flush();
    }
    log.finish();
    await expect.poll(() => probe.ended).toBe('done');
    expect(probe.messages).toEqual([...log.expected(), 'the end']);
    expect(await server.with((redis) => redis.llen(`node_logs:${log.nodeId}`))).toBe(56);
  });

  it('changes nothing when Redis refuses for lack of memory, and continues when there is room', async () => {
    const server = await startServer({ args: ['--maxmemory-policy', 'noeviction'] });
    const store = await openStore(server.url);
    const { log, probe } = await startLaunch(store);
    const state = () =>
      server.with(async (redis) => ({
        list: await redis.lrange(`node_logs:${log.nodeId}`, 0, -1),
        meta: await redis.hgetall(`{node_logs:${log.nodeId}}:meta`),
      }));
    const before = await state();
    await server.with((redis) => redis.config('SET', 'maxmemory', '1'));
    const { epoch = '' } = before.meta;
    const refused = store.append(batchOf({ nodeId: log.nodeId, epoch }, 51, [logLine(51)]));
    await expect(refused).rejects.toBeInstanceOf(LogStoreUnavailableError);
    await expect(store.claim(log.nodeId, 1, 'd'.repeat(16))).rejects.toBeInstanceOf(LogStoreUnavailableError);
    expect(await state()).toEqual(before);
    const refusals = () =>
      server.with(async (redis) =>
        Number(/errorstat_OOM:count=(\d+)/.exec(await redis.info('errorstats'))?.[1]),
      );
    const refusedBefore = await refusals();
    log.write(10);
    await expect.poll(refusals).toBeGreaterThan(refusedBefore);
    expect(await state()).toEqual(before);
    await server.with((redis) => redis.config('SET', 'maxmemory', '0'));
    await expect.poll(() => probe.messages).toEqual(log.expected());
  });

  it('sends its scripts again to a server that forgot them', async () => {
    const server = await startServer();
    const { log, probe } = await startLaunch(await openStore(server.url));
    await server.with((redis) => redis.script('FLUSH'));
    log.write(5);
    await expect.poll(() => probe.messages).toEqual(log.expected());
  });

  it('answers at once that a Redis that is not there is not there', async () => {
    const server = await startServer();
    const store = await openStore(server.url);
    await server.kill();
    await expect(store.ping()).rejects.toBeInstanceOf(LogStoreUnavailableError);
    await expect(store.read('n', { from: { tail: 1 }, limit: 1 })).rejects.toBeInstanceOf(
      LogStoreUnavailableError,
    );
    await expect(store.subscribe('n', () => undefined)).rejects.toBeInstanceOf(LogStoreUnavailableError);
  });

  it('keeps the documented keys: a list an old reader can read, with a time to live, and all in one slot', async () => {
    const server = await startServer();
    const store = await openStore(server.url);
    const nodeId = '550e8400-e29b-41d4-a716-446655440000';
    const claim = await store.claim(nodeId, 1);
    if (claim.kind !== 'claimed') throw new Error('fenced');
    await store.append(batchOf({ nodeId, epoch: claim.epoch }, 1, logLines(1, 3)));
    const list = `node_logs:${nodeId}`;
    await server.with(async (redis) => {
      expect((await redis.keys('*')).sort()).toEqual([list, `{${list}}:meta`]);
      expect(await redis.lrange(list, 0, -1)).toEqual(logLines(1, 3));
      expect(await redis.pttl(list)).toBeGreaterThan(3_590_000);
      expect(await redis.pttl(`{${list}}:meta`)).toBeGreaterThan(7_190_000);
    });
  });
});

function afterLastReset(items: readonly FeedItem[]): string[] {
  const start = items.findLastIndex(({ kind }) => kind === 'reset') + 1;
  return items.slice(start).flatMap((item) => (item.kind === 'log' ? [item.record.entry.message] : []));
}
