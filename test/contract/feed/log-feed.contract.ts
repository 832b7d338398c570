import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { FeedBench, LAUNCHING, range } from '../../support/log/feed-bench.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import { batchOf, logLine, logLines } from '../../support/log/log-lines.js';
import type { LogRig } from '../../support/log/log-rigs.js';
import { WAIT_MS } from '../../support/within.js';

/** The clock is moved on and what it brings is looked for, again and again. */
const PATIENCE = { timeout: WAIT_MS };

/** How the feed brings a log to its readers, from the first entry to done, on any store. */
export function describeLogFeed(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`the feed over the log store ${name}`, () => {
    const bench = new FeedBench(makeRig);

    describe('replay, then live', () => {
      it('begins with the status, replays the tail, and continues live', async () => {
        const log = await bench.openLog(30);
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { tail: 10 });
        await expect.poll(() => probe.seqs).toEqual(range(21, 30));
        expect(probe.items[0]).toMatchObject({
          kind: 'status',
          status: { phase: 'provisioning', message: 'line 20' },
        });
        const end = FeedProbe.attach(bench.feed, log.nodeId, { tail: 0 });
        await expect.poll(() => end.items[0]).toMatchObject({ kind: 'status', status: LAUNCHING.status });
        await log.write(5);
        await expect.poll(() => probe.seqs).toEqual(range(21, 35));
        expectContinuous(probe.items);
      });

      it('never shows progress that falls: the first status is that of the place where the replay starts', async () => {
        const entries = 900;
        const steps = range(1, entries).map((seq) => {
          const progress = seq % 3 === 0 ? { progress: Math.floor(seq / 10) } : {};
          return logLine(seq, { phase: seq < 300 ? 'provisioning' : 'installing', ...progress });
        });
        const logs = await bench.rig.open({ maxEntries: 700, maxBytes: 8 * 1024 * 1024 });
        const own = bench.feedOver(logs);
        const log = await bench.openLog(0, logs);
        for (let from = 0; from < entries; from += 300) {
          await logs.append(batchOf(log, from + 1, steps.slice(from, from + 300)));
        }
        const starts = [
          ...range(0, 9).map((at) => ({ cursor: log.at(at * 100 + 1) })),
          ...[1, 2, 3, 100, 500, 10_000, 0].map((tail) => ({ tail })),
          { tail: 10, q: '77' },
          { tail: 5, phase: ['installing' as const] },
        ];
        for (const start of starts) {
          const probe = FeedProbe.attach(own, log.nodeId, { ...start, follow: false });
          await expect.poll(() => probe.ended).toBe('done');
          const first = probe.items[0];
          expect(first?.kind).toBe('status');
          const seen = probe.items.flatMap((item) =>
            item.kind === 'status' ? [item.status] : item.kind === 'log' && item.status ? [item.status] : [],
          );
          const progress = seen.flatMap((status) => status.progress ?? []);
          expect(progress).toEqual(progress.toSorted((one, other) => one - other));
        }
        await own.close();
        await logs.close();
      });

      it('waits for a log that has not begun, and sends no reset when it does', async () => {
        const nodeId = randomUUID();
        const probe = FeedProbe.attach(bench.feed, nodeId);
        await expect.poll(() => probe.kinds).toEqual(['status']);
        expect(probe.cursor).toBe(`${UNBORN_EPOCH}:0`);
        const claim = await bench.store.claim(nodeId, 1);
        if (claim.kind !== 'claimed') throw new Error('fenced');
        await bench.store.append(batchOf({ nodeId, epoch: claim.epoch }, 1, logLines(1, 3)));
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3]);
        expect(probe.resets).toEqual([]);
      });

      it('resumes at each place with exactly what comes after it', async () => {
        const log = await bench.openLog(40);
        const probes = range(0, 40).map((place) =>
          FeedProbe.attach(bench.feed, log.nodeId, { cursor: log.at(place), tail: 1 }),
        );
        await expect
          .poll(() => probes.map(({ seqs }) => seqs))
          .toEqual(range(0, 40).map((at) => range(at + 1, 40)));
        await log.write(1);
        await expect.poll(() => probes.every(({ seqs }) => seqs.at(-1) === 41)).toBe(true);
        probes.forEach((probe, place) => expectContinuous(probe.items, log.at(place)));
      });

      it('replays a long log in bounded batches, the same arrays for all who came together', async () => {
        const logs = await bench.rig.open({ maxEntries: 10_000, maxBytes: 8 * 1024 * 1024 });
        const own = bench.feedOver(logs);
        const log = await bench.openLog(3_000, logs);
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
        const log = await bench.openLog(1);
        const subscribe = vi.spyOn(bench.store, 'subscribe');
        const probes = range(1, 100).map(() => FeedProbe.attach(bench.feed, log.nodeId));
        await expect.poll(() => probes.every(({ seqs }) => seqs.length === 1)).toBe(true);
        expect(subscribe).toHaveBeenCalledTimes(1);
        expect(bench.feed.counts).toEqual({ readers: 100, nodes: 1 });
        subscribe.mockRestore();
      });

      it('sends phase and progress with an entry that changed them, and not otherwise', async () => {
        const { nodeId, epoch } = await bench.openLog();
        const probe = FeedProbe.attach(bench.feed, nodeId);
        await expect.poll(() => probe.kinds).toEqual(['status']);
        await bench.store.append(
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

      it('gives one gap for lines that are no entries, and continues', async () => {
        const { nodeId, epoch } = await bench.openLog();
        await bench.store.append(
          batchOf({ nodeId, epoch }, 1, [logLine(1), '{"seq":2,"not":"an entry"}', 'junk', logLine(4)]),
        );
        const probe = FeedProbe.attach(bench.feed, nodeId);
        await expect.poll(() => probe.seqs).toEqual([1, 4]);
        expect(probe.gaps).toEqual([{ from_seq: 2, to_seq: 3, reason: 'damaged' }]);
      });
    });

    describe('the end', () => {
      it('gives the terminal entry and done to live readers and to those who come late', async () => {
        const log = await bench.openLog(3);
        const live = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => live.seqs.length).toBe(3);
        await log.finish();
        await expect.poll(() => live.ended).toBe('done');
        const late = FeedProbe.attach(bench.feed, log.nodeId, { tail: 2 });
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
        const log = await bench.openLog(3);
        await log.finish();
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { cursor: `${log.epoch}:4:done` });
        await expect.poll(() => probe.ended).toBe('done');
        expect(probe.kinds).toEqual(['done']);
        const before = FeedProbe.attach(bench.feed, log.nodeId, { cursor: log.at(4) });
        await expect.poll(() => before.ended).toBe('done');
        expect(before.kinds).toEqual(['status', 'done']);
      });

      it('takes a done of another log for a position in this one', async () => {
        const log = await bench.openLog(3);
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { cursor: `${log.epoch}:2:done` });
        await expect.poll(() => probe.seqs).toEqual([3]);
        expect(probe.ended).toBeUndefined();
      });

      it('ends a filtered reader, too, though its filter hides the terminal entry', async () => {
        const log = await bench.openLog(3);
        const until = '2000-01-01T00:00:00Z';
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { level: ['error'], until });
        await expect.poll(() => probe.kinds).toEqual(['status']);
        await log.finish();
        await expect.poll(() => probe.ended).toBe('done');
        expect(probe.kinds).toEqual(['status', 'done']);
      });

      it('with follow=false gives the history and a done that is final only when the log is', async () => {
        const log = await bench.openLog(30);
        const running = FeedProbe.attach(bench.feed, log.nodeId, { follow: false, tail: 5 });
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
        const over = FeedProbe.attach(bench.feed, log.nodeId, { follow: false, tail: 1 });
        await expect.poll(() => over.ended).toBe('done');
        expect(over.dones).toMatchObject([{ final: true, cursor: `${log.epoch}:31:done` }]);
      });

      it('finds a terminal entry whose announcement was lost', async () => {
        const log = await bench.openLog(3);
        const own = bench.feedOver(deafTo(bench.store));
        const probe = FeedProbe.attach(own, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(3);
        await log.finish();
        await vi.waitFor(async () => {
          await bench.clock.advance(1_000);
          expect(probe.ended).toBe('done');
        }, PATIENCE);
        expectContinuous(probe.items);
        await own.close();
      });

      it('looks after many silent logs with one question, and reads only those that have moved', async () => {
        const logs = await Promise.all(range(1, 40).map(() => bench.openLog(2)));
        const store = deafTo(bench.store);
        const own = bench.feedOver(store);
        const probes = logs.map((log) => FeedProbe.attach(own, log.nodeId));
        await expect.poll(() => probes.every(({ seqs }) => seqs.length === 2)).toBe(true);
        await bench.clock.advance(1_000);
        await logs[7]?.write(3);
        const changed = vi.spyOn(store, 'changed');
        const read = vi.spyOn(store, 'read');
        await vi.waitFor(async () => {
          await bench.clock.advance(1_000);
          expect(probes[7]?.seqs).toEqual(range(1, 5));
        }, PATIENCE);
        const rounds = changed.mock.calls.length;
        expect(Math.max(...changed.mock.calls.map(([positions]) => positions.length))).toBeGreaterThan(30);
        expect(rounds).toBeLessThan(10);
        expect(new Set(read.mock.calls.map(([nodeId]) => nodeId))).toEqual(new Set([logs[7]?.nodeId]));
        await own.close();
      });

      it('ends when the node has ended and the log has lost its end', async () => {
        const log = await bench.openLog(3);
        const probe = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(3);
        bench.snapshot = {
          ...LAUNCHING,
          done: { status: 'failed', reason: 'timeout', message: 'took too long' },
        };
        await vi.waitFor(async () => {
          await bench.clock.advance(1_000);
          expect(probe.ended).toBe('done');
        }, PATIENCE);
        expect(probe.dones).toMatchObject([{ final: true, done: { status: 'failed', reason: 'timeout' } }]);
        const late = FeedProbe.attach(bench.feed, log.nodeId, { cursor: probe.cursor });
        await expect.poll(() => late.kinds).toEqual(['done']);
      });

      it('turns away readers of a node that does not exist', async () => {
        bench.snapshot = undefined;
        const probe = FeedProbe.attach(bench.feed, randomUUID());
        await expect.poll(() => probe.ended).toBe('failed');
      });
    });
  });
}

/** A store whose announcements never arrive. */
function deafTo(store: NodeLogStore): NodeLogStore {
  return {
    positions: store.positions,
    claim: store.claim.bind(store),
    append: store.append.bind(store),
    read: store.read.bind(store),
    changed: store.changed.bind(store),
    subscribe: () => Promise.resolve({ close: () => Promise.resolve() }),
    clear: store.clear.bind(store),
    ping: store.ping.bind(store),
    probe: store.probe.bind(store),
    close: store.close.bind(store),
  };
}
