import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import { LogFeed, type NodeSnapshot } from '@launchlog/server/log/log-feed';
import type { LogLimits, NodeLogStore } from '@launchlog/server/log/log-store';
import { FakeClock } from '../support/fake-clock.js';
import { expectContinuous, FeedProbe } from '../support/feed-probe.js';
import { batchOf, logLine, logLines, terminalLine } from '../support/log-lines.js';

export interface LogFeedRig {
  open(limits?: Partial<LogLimits>): Promise<NodeLogStore>;
  close(): Promise<void>;
}

const LAUNCHING: NodeSnapshot = {
  status: { phase: 'provisioning', progress: 20, message: 'Launching on AWS' },
  done: { status: 'launching', message: 'the launch goes on' },
};
const MAX_AGE_MS = 30 * 60_000;

/** What the feed owes its readers, on any store. */
export function describeLogFeed(name: string, makeRig: () => Promise<LogFeedRig>): void {
  describe(`the feed over the log store ${name}`, () => {
    let rig: LogFeedRig;
    let store: NodeLogStore;
    let clock: FakeClock;
    let feed: LogFeed;
    let snapshot: NodeSnapshot | undefined;

    beforeAll(async () => {
      rig = await makeRig();
      store = await rig.open();
    });
    beforeEach(() => {
      clock = new FakeClock();
      snapshot = LAUNCHING;
      feed = feedOver(store);
    });
    afterEach(() => feed.close());
    afterAll(async () => {
      await store.close();
      await rig.close();
    });

    function feedOver(logs: NodeLogStore): LogFeed {
      const nodeSnapshot = () => Promise.resolve(snapshot);
      return new LogFeed({ store: logs, clock, nodeSnapshot, maxAgeMs: MAX_AGE_MS, random: () => 0 });
    }

    /** A log and the hand that writes it. */
    async function openLog(count = 0, logs = store) {
      const nodeId = randomUUID();
      const claim = await logs.claim(nodeId, 1);
      if (claim.kind !== 'claimed') throw new Error('fenced');
      let { epoch } = claim;
      let seq = 0;
      const log = {
        nodeId,
        get epoch() {
          return epoch;
        },
        at: (place: number) => `${epoch}:${place}`,
        async write(lines: number) {
          const reply = await logs.append(
            batchOf({ nodeId, epoch }, seq + 1, logLines(seq + 1, seq + lines)),
          );
          if (reply.kind !== 'appended') throw new Error(reply.kind);
          seq += lines;
        },
        async finish() {
          seq += 1;
          await logs.append(batchOf({ nodeId, epoch }, seq, [terminalLine(seq)], { terminal: true }));
        },
        async beginAgain(renewal?: string) {
          const again = await logs.claim(nodeId, 1, renewal);
          if (again.kind !== 'claimed') throw new Error('fenced');
          epoch = again.epoch;
          seq = again.lastSeq;
        },
      };
      for (let left = count; left > 0; left -= 500) await log.write(Math.min(left, 500));
      return log;
    }

    function range(from: number, to: number): number[] {
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    }

    describe('replay, then live', () => {
      it('begins with the status, replays the tail, and goes on live', async () => {
        const log = await openLog(30);
        const probe = FeedProbe.attach(feed, log.nodeId, { tail: 10 });
        await expect.poll(() => probe.seqs).toEqual(range(21, 30));
        expect(probe.items[0]).toMatchObject({ kind: 'status', status: LAUNCHING.status });
        await log.write(5);
        await expect.poll(() => probe.seqs).toEqual(range(21, 35));
        expectContinuous(probe.items);
      });

      it('waits for a log that has not begun, and tells no reset when it does', async () => {
        const nodeId = randomUUID();
        const probe = FeedProbe.attach(feed, nodeId);
        await expect.poll(() => probe.kinds).toEqual(['status']);
        expect(probe.cursor).toBe(`${UNBORN_EPOCH}:0`);
        const claim = await store.claim(nodeId, 1);
        if (claim.kind !== 'claimed') throw new Error('fenced');
        await store.append(batchOf({ nodeId, epoch: claim.epoch }, 1, logLines(1, 3)));
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3]);
        expect(probe.resets).toEqual([]);
      });

      it('resumes at each place with exactly what comes after it', async () => {
        const log = await openLog(40);
        const probes = range(0, 40).map((place) =>
          FeedProbe.attach(feed, log.nodeId, { cursor: log.at(place), tail: 1 }),
        );
        await expect
          .poll(() => probes.map(({ seqs }) => seqs))
          .toEqual(range(0, 40).map((at) => range(at + 1, 40)));
        await log.write(1);
        await expect.poll(() => probes.every(({ seqs }) => seqs.at(-1) === 41)).toBe(true);
        probes.forEach((probe, place) => expectContinuous(probe.items, log.at(place)));
      });

      it('replays a long log in bounded batches, the same arrays for all who came together', async () => {
        const logs = await rig.open({ maxEntries: 10_000, maxBytes: 8 * 1024 * 1024 });
        const own = feedOver(logs);
        const log = await openLog(3_000, logs);
        const read = vi.spyOn(logs, 'read');
        const probes = range(1, 50).map(() => FeedProbe.attach(own, log.nodeId, { cursor: log.at(0) }));
        await expect.poll(() => probes.every(({ seqs }) => seqs.length === 3_000)).toBe(true);
        expect(probes[0]?.seqs).toEqual(range(1, 3_000));
        for (const probe of probes)
          expect(probe.batches.every((batch, at) => at === 0 || batch === probes[0]?.batches[at])).toBe(true);
        expect(Math.max(...(probes[0]?.batches ?? []).map(({ length }) => length))).toBeLessThanOrEqual(256);
        expect(read.mock.calls.length).toBeLessThan(25);
        await own.close();
        await logs.close();
      });

      it('keeps one subscription for all readers of a node', async () => {
        const log = await openLog(1);
        const subscribe = vi.spyOn(store, 'subscribe');
        const probes = range(1, 100).map(() => FeedProbe.attach(feed, log.nodeId));
        await expect.poll(() => probes.every(({ seqs }) => seqs.length === 1)).toBe(true);
        expect(subscribe).toHaveBeenCalledTimes(1);
        expect(feed.counts).toEqual({ readers: 100, nodes: 1 });
        subscribe.mockRestore();
      });

      it('says with an entry when phase or progress changed, and not otherwise', async () => {
        const { nodeId, epoch } = await openLog();
        const probe = FeedProbe.attach(feed, nodeId);
        await expect.poll(() => probe.kinds).toEqual(['status']);
        await store.append(
          batchOf({ nodeId, epoch }, 1, [
            logLine(1, { phase: 'queued', progress: 0 }),
            logLine(2, { phase: 'queued' }),
            logLine(3, { phase: 'queued', progress: 5 }),
            logLine(4, { phase: 'provisioning', progress: 10 }),
            logLine(5, { phase: 'provisioning', progress: 10 }),
          ]),
        );
        await expect.poll(() => probe.seqs.length).toBe(5);
        const statuses = probe.items.flatMap((item) =>
          item.kind === 'log' ? [item.status && [item.status.phase, item.status.progress]] : [],
        );
        expect(statuses).toEqual([['queued', 0], undefined, ['queued', 5], ['provisioning', 10], undefined]);
      });

      it('shows what is no entry as one that says so, and goes on', async () => {
        const { nodeId, epoch } = await openLog();
        await store.append(
          batchOf({ nodeId, epoch }, 1, [logLine(1), '{"seq":2,"not":"an entry"}', 'junk', logLine(4)]),
        );
        const probe = FeedProbe.attach(feed, nodeId);
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4]);
        expect(probe.messages[1]).toMatch(/cannot be read/);
      });
    });

    describe('the end', () => {
      it('gives the terminal entry and done to live readers and to those who come late', async () => {
        const log = await openLog(3);
        const live = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => live.seqs.length).toBe(3);
        await log.finish();
        await expect.poll(() => live.ended).toBe('done');
        const late = FeedProbe.attach(feed, log.nodeId, { tail: 2 });
        await expect.poll(() => late.ended).toBe('done');
        expect(late.seqs).toEqual([3, 4]);
        for (const probe of [live, late]) {
          expect(probe.dones).toEqual([
            expect.objectContaining({
              final: true,
              cursor: `${log.epoch}:4:done`,
              done: { status: 'active', endpoint: 'http://10.0.0.1:8000', message: 'ready' },
            }),
          ]);
        }
      });

      it('answers a resume after done with done alone', async () => {
        const log = await openLog(3);
        await log.finish();
        const probe = FeedProbe.attach(feed, log.nodeId, { cursor: `${log.epoch}:4:done` });
        await expect.poll(() => probe.ended).toBe('done');
        expect(probe.kinds).toEqual(['done']);
        const before = FeedProbe.attach(feed, log.nodeId, { cursor: log.at(4) });
        await expect.poll(() => before.ended).toBe('done');
        expect(before.kinds).toEqual(['status', 'done']);
      });

      it('takes a done that was none of this log for a place in it', async () => {
        const log = await openLog(3);
        const probe = FeedProbe.attach(feed, log.nodeId, { cursor: `${log.epoch}:2:done` });
        await expect.poll(() => probe.seqs).toEqual([3]);
        expect(probe.ended).toBeUndefined();
      });

      it('ends a filtered reader, too, though its filter hides the terminal entry', async () => {
        const log = await openLog(3);
        const until = '2000-01-01T00:00:00Z';
        const probe = FeedProbe.attach(feed, log.nodeId, { level: ['error'], until });
        await expect.poll(() => probe.kinds).toEqual(['status']);
        await log.finish();
        await expect.poll(() => probe.ended).toBe('done');
        expect(probe.kinds).toEqual(['status', 'done']);
      });

      it('with follow=false gives the history and a done that is final only when the log is', async () => {
        const log = await openLog(30);
        const running = FeedProbe.attach(feed, log.nodeId, { follow: false, tail: 5 });
        await expect.poll(() => running.ended).toBe('done');
        expect(running.seqs).toEqual(range(26, 30));
        expect(running.dones).toMatchObject([
          {
            final: false,
            cursor: log.at(30),
            done: { status: 'launching', message: 'Log stream complete (follow=false)' },
          },
        ]);
        await log.finish();
        const over = FeedProbe.attach(feed, log.nodeId, { follow: false, tail: 1 });
        await expect.poll(() => over.ended).toBe('done');
        expect(over.dones).toMatchObject([{ final: true, cursor: `${log.epoch}:31:done` }]);
      });

      it('finds a terminal entry whose announcement was lost', async () => {
        const log = await openLog(3);
        const own = feedOver(deafTo(store));
        const probe = FeedProbe.attach(own, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(3);
        await log.finish();
        await vi.waitFor(async () => {
          await clock.advance(1_000);
          expect(probe.ended).toBe('done');
        });
        expectContinuous(probe.items);
        await own.close();
      });

      it('ends when the node has ended and the log has lost its end', async () => {
        const log = await openLog(3);
        const probe = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(3);
        snapshot = { ...LAUNCHING, done: { status: 'failed', reason: 'timeout', message: 'took too long' } };
        await vi.waitFor(async () => {
          await clock.advance(1_000);
          expect(probe.ended).toBe('done');
        });
        expect(probe.dones).toMatchObject([{ final: true, done: { status: 'failed', reason: 'timeout' } }]);
        const late = FeedProbe.attach(feed, log.nodeId, { cursor: probe.cursor });
        await expect.poll(() => late.kinds).toEqual(['done']);
      });

      it('turns away readers of a node that does not exist', async () => {
        snapshot = undefined;
        const probe = FeedProbe.attach(feed, randomUUID());
        await expect.poll(() => probe.ended).toBe('failed');
      });
    });

    describe('what is gone', () => {
      it('tells the gap before it gives what there is, to a resume and to a fresh reader', async () => {
        const logs = await rig.open({ maxEntries: 20 });
        const own = feedOver(logs);
        const log = await openLog(50, logs);
        const resumed = FeedProbe.attach(own, log.nodeId, { cursor: log.at(10) });
        const fresh = FeedProbe.attach(own, log.nodeId, { tail: 40 });
        const modest = FeedProbe.attach(own, log.nodeId, { tail: 20 });
        await expect
          .poll(() => [resumed, fresh, modest].map(({ seqs }) => seqs.length))
          .toEqual([20, 20, 20]);
        expect(resumed.gaps).toEqual([{ from_seq: 11, to_seq: 30, reason: 'trimmed' }]);
        expect(fresh.gaps).toEqual([{ from_seq: 11, to_seq: 30, reason: 'trimmed' }]);
        expect(modest.gaps).toEqual([]);
        expectContinuous(resumed.items, log.at(10));
        await own.close();
        await logs.close();
      });

      it('tells of a cleared log at once, and replays the new one without another reset', async () => {
        const log = await openLog(5);
        const probe = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(5);
        const before = log.at(5);
        await store.clear(log.nodeId);
        await expect.poll(() => probe.resets).toEqual([{ reason: 'cleared', epoch: UNBORN_EPOCH }]);
        await log.beginAgain();
        await log.write(2);
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4, 5, 1, 2]);
        expect(probe.resets).toHaveLength(1);
        const late = FeedProbe.attach(feed, log.nodeId, { cursor: before });
        await expect.poll(() => late.seqs).toEqual([1, 2]);
        expect(late.resets).toEqual([{ reason: 'cleared', epoch: log.epoch }]);
      });

      it('tells of a log that was lost and begun anew, then replays it', async () => {
        const log = await openLog(5);
        const probe = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(5);
        await log.beginAgain('c'.repeat(16));
        await log.write(3);
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4, 5, 1, 2, 3]);
        expect(probe.resets).toEqual([{ reason: 'lost', epoch: log.epoch }]);
        expectContinuous(probe.items);
      });

      it('tells a resume with a place this log has not reached', async () => {
        const log = await openLog(5);
        const probe = FeedProbe.attach(feed, log.nodeId, { cursor: log.at(9) });
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4, 5]);
        expect(probe.resets).toEqual([{ reason: 'lost', epoch: log.epoch }]);
      });
    });

    describe('filters', () => {
      it('counts only matching entries for the tail, however far back they are', async () => {
        const logs = await rig.open({ maxEntries: 5_000, maxBytes: 8 * 1024 * 1024 });
        const own = feedOver(logs);
        const log = await openLog(0, logs);
        const levelOf = (seq: number) => (seq % 300 === 0 ? 'error' : 'info');
        const lines = range(1, 1_500).map((seq) => logLine(seq, { level: levelOf(seq) }));
        await logs.append(batchOf(log, 1, lines));
        const probe = FeedProbe.attach(own, log.nodeId, { level: ['error'], tail: 3 });
        await expect.poll(() => probe.seqs).toEqual([900, 1_200, 1_500]);
        await logs.append(batchOf(log, 1_501, [logLine(1_501), logLine(1_502, { level: 'error' })]));
        await expect.poll(() => probe.seqs).toEqual([900, 1_200, 1_500, 1_502]);
        await own.close();
        await logs.close();
      });

      it('filters by level, phase, source, text, expression and time, all of them at once', async () => {
        const log = await openLog();
        await store.append(
          batchOf(log, 1, [
            logLine(1, {
              message: 'Downloading shard 1',
              source: 'vllm',
              timestamp: '2026-01-01T00:00:01.000Z',
            }),
            logLine(2, {
              message: 'DOWNLOADING shard 2',
              source: 'vllm',
              timestamp: '2026-01-01T00:00:02.000Z',
            }),
            logLine(3, {
              message: 'downloading shard 3',
              source: 'skypilot',
              timestamp: '2026-01-01T00:00:02.000Z',
            }),
            logLine(4, {
              message: 'downloading shard 4',
              source: 'vllm',
              timestamp: '2026-01-01T00:00:03.000Z',
            }),
          ]),
        );
        const probe = FeedProbe.attach(feed, log.nodeId, {
          source: ['vllm', 'instance'],
          phase: ['provisioning'],
          level: ['info'],
          q: 'downloading',
          regex: 'shard [0-9]$',
          since: '2026-01-01T01:00:02+01:00',
          until: '2026-01-01T00:00:02Z',
        });
        await expect.poll(() => probe.seqs).toEqual([2]);
      });

      it('lets a cursor override tail and since is inclusive', async () => {
        const log = await openLog(10);
        const since = '2026-01-01T00:00:00Z';
        const probe = FeedProbe.attach(feed, log.nodeId, { cursor: log.at(2), tail: 1, since });
        await expect.poll(() => probe.seqs).toEqual(range(3, 10));
      });

      it('refuses an expression that cannot be used, at once', () => {
        expect(() => FeedProbe.attach(feed, randomUUID(), { regex: '(?=look)' })).toThrow(/regex/);
        expect(feed.counts.nodes).toBe(0);
      });
    });

    describe('slow readers', () => {
      it('holds nothing for a full sink and brings it up to date when it resumes', async () => {
        const log = await openLog(5);
        const slow = FeedProbe.attach(feed, log.nodeId, { room: 3 });
        const quick = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => quick.seqs.length).toBe(5);
        for (let count = 0; count < 10; count += 1) await log.write(10);
        await expect.poll(() => quick.seqs.length).toBe(105);
        expect(slow.batches.length).toBe(3);
        slow.makeRoom();
        await expect.poll(() => slow.seqs).toEqual(range(1, 105));
        await log.write(1);
        await expect.poll(() => slow.seqs.length).toBe(106);
        expectContinuous(slow.items);
      });

      it('gives up a sink that has been full for half a minute', async () => {
        const log = await openLog(5);
        const slow = FeedProbe.attach(feed, log.nodeId, { room: 1 });
        await expect.poll(() => slow.batches.length).toBe(1);
        await clock.advance(29_000);
        expect(slow.ended).toBeUndefined();
        await clock.advance(2_000);
        expect(slow.ended).toBe('stalled');
        expect(feed.counts.readers).toBe(0);
      });

      it('outlives a sink that throws', async () => {
        const log = await openLog(1);
        const probe = FeedProbe.attach(feed, log.nodeId);
        const bad = new FeedProbe({ room: 0 });
        feed.attach({ nodeId: log.nodeId, query: { tail: 10, follow: true }, sink: bad });
        await expect.poll(() => bad.ended).toBe('failed');
        await log.write(1);
        await expect.poll(() => probe.seqs).toEqual([1, 2]);
      });
    });

    describe('life and death', () => {
      it('sends a reader away at the maximum age', async () => {
        const log = await openLog(1);
        const probe = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(1);
        await clock.advance(MAX_AGE_MS - 2_000);
        expect(probe.ended).toBeUndefined();
        await clock.advance(2_000);
        expect(probe.ended).toBe('max_age');
      });

      it('tells all readers to come again when it drains, also those who come then', async () => {
        const log = await openLog(1);
        const probes = [FeedProbe.attach(feed, log.nodeId), FeedProbe.attach(feed, randomUUID())];
        await expect.poll(() => probes[0]?.seqs.length).toBe(1);
        feed.drain();
        expect(probes.map(({ ended }) => ended)).toEqual(['draining', 'draining']);
        const late = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => late.ended).toBe('draining');
      });

      it('leaves nothing behind when its readers are gone', async () => {
        const log = await openLog(1);
        const probe = FeedProbe.attach(feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(1);
        probe.close();
        probe.close();
        expect(feed.counts).toEqual({ readers: 0, nodes: 1 });
        await clock.advance(15_000);
        expect(feed.counts).toEqual({ readers: 0, nodes: 0 });
        await feed.close();
        await feed.close();
        expect(clock.pending).toBe(0);
      });

      it('is pulled from as well, and ends with done', async () => {
        const log = await openLog(600);
        const query = { tail: 10_000, follow: true };
        const seqs: number[] = [];
        let finished = false;
        for await (const batch of feed.follow(log.nodeId, query, new AbortController().signal)) {
          for (const item of batch) if (item.kind === 'log') seqs.push(item.record.seq);
          if (seqs.length >= 200 && !finished) {
            finished = true;
            await log.finish();
          }
        }
        expect(seqs.at(-1)).toBe(601);
        expect(new Set(seqs).size).toBe(seqs.length);
        expect(feed.counts.readers).toBe(0);
      });

      it('ends a pull by its signal, and throws where the reader should come again', async () => {
        const log = await openLog(1);
        const query = { tail: 10, follow: true };
        const controller = new AbortController();
        for await (const batch of feed.follow(log.nodeId, query, controller.signal)) {
          if (batch.some(({ kind }) => kind === 'log')) controller.abort();
        }
        const drained = async () => {
          for await (const batch of feed.follow(log.nodeId, query, new AbortController().signal)) {
            if (batch.some(({ kind }) => kind === 'log')) feed.drain();
          }
        };
        await expect(drained()).rejects.toMatchObject({ name: 'FeedEndedError', reason: 'draining' });
      });
    });
  });
}

/** A store whose announcements never arrive. */
function deafTo(store: NodeLogStore): NodeLogStore {
  return {
    claim: store.claim.bind(store),
    append: store.append.bind(store),
    read: store.read.bind(store),
    subscribe: () => Promise.resolve({ close: () => Promise.resolve() }),
    clear: store.clear.bind(store),
    ping: store.ping.bind(store),
    close: store.close.bind(store),
  };
}
