import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FeedBench, MAX_AGE_MS, range } from '../../support/log/feed-bench.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import type { LogRig } from '../../support/log/log-rigs.js';

/** How the feed bears slow readers, and how readers come and go, on any store. */
export function describeLogFeedLife(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`the readers of the feed over the log store ${name}`, () => {
    const bench = new FeedBench(makeRig);

    describe('slow readers', () => {
      it('holds nothing for a full sink and brings it up to date when it resumes', async () => {
        const log = await bench.openLog(5);
        const slow = FeedProbe.attach(bench.feed, log.nodeId, { room: 3 });
        const quick = FeedProbe.attach(bench.feed, log.nodeId);
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
        const log = await bench.openLog(5);
        const slow = FeedProbe.attach(bench.feed, log.nodeId, { room: 1 });
        await expect.poll(() => slow.batches.length).toBe(1);
        await bench.clock.advance(29_000);
        expect(slow.ended).toBeUndefined();
        await bench.clock.advance(2_000);
        expect(slow.ended).toBe('stalled');
        expect(bench.feed.counts.readers).toBe(0);
      });

      it('does not give up a sink whose client takes something now and then', async () => {
        const log = await bench.openLog(5);
        const slow = FeedProbe.attach(bench.feed, log.nodeId, { room: 1 });
        await expect.poll(() => slow.batches.length).toBe(1);
        for (let taken = 1; taken <= 4; taken += 1) {
          slow.taken = taken;
          await bench.clock.advance(25_000);
        }
        expect(slow.ended).toBeUndefined();
        await bench.clock.advance(31_000);
        expect(slow.ended).toBe('stalled');
      });

      it('outlives a sink that throws', async () => {
        const log = await bench.openLog(1);
        const probe = FeedProbe.attach(bench.feed, log.nodeId);
        const bad = new FeedProbe({ room: 0 });
        bench.feed.attach({ nodeId: log.nodeId, query: { tail: 10, follow: true }, sink: bad });
        await expect.poll(() => bad.ended).toBe('failed');
        await log.write(1);
        await expect.poll(() => probe.seqs).toEqual([1, 2]);
      });
    });

    describe('life and death', () => {
      it('sends a reader away at the maximum age', async () => {
        const log = await bench.openLog(1);
        const probe = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(1);
        await bench.clock.advance(MAX_AGE_MS - 2_000);
        expect(probe.ended).toBeUndefined();
        await bench.clock.advance(2_000);
        expect(probe.ended).toBe('max_age');
      });

      it('asks all readers to reconnect when it drains, including those that arrive then', async () => {
        const log = await bench.openLog(1);
        const probes = [FeedProbe.attach(bench.feed, log.nodeId), FeedProbe.attach(bench.feed, randomUUID())];
        await expect.poll(() => probes[0]?.seqs.length).toBe(1);
        bench.feed.drain();
        expect(probes.map(({ ended }) => ended)).toEqual(['draining', 'draining']);
        const late = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => late.ended).toBe('draining');
      });

      it('leaves nothing behind when its readers are gone', async () => {
        const log = await bench.openLog(1);
        const probe = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(1);
        probe.close();
        probe.close();
        expect(bench.feed.counts).toEqual({ readers: 0, nodes: 1 });
        await bench.clock.advance(15_000);
        expect(bench.feed.counts).toEqual({ readers: 0, nodes: 0 });
        await bench.feed.close();
        await bench.feed.close();
        expect(bench.clock.pending).toBe(0);
      });

      it('is pulled from as well, and ends with done', async () => {
        const log = await bench.openLog(600);
        const query = { tail: 10_000, follow: true };
        const seqs: number[] = [];
        let finished = false;
        for await (const batch of bench.feed.follow(log.nodeId, query, new AbortController().signal)) {
          for (const item of batch) if (item.kind === 'log') seqs.push(item.record.seq);
          if (seqs.length >= 200 && !finished) {
            finished = true;
            await log.finish();
          }
        }
        expect(seqs.at(-1)).toBe(601);
        expect(new Set(seqs).size).toBe(seqs.length);
        expect(bench.feed.counts.readers).toBe(0);
      });

      it('ends a pull by its signal, and throws where the reader should reconnect', async () => {
        const log = await bench.openLog(1);
        const query = { tail: 10, follow: true };
        const controller = new AbortController();
        for await (const batch of bench.feed.follow(log.nodeId, query, controller.signal)) {
          if (batch.some(({ kind }) => kind === 'log')) controller.abort();
        }
        const drained = async () => {
          for await (const batch of bench.feed.follow(log.nodeId, query, new AbortController().signal)) {
            if (batch.some(({ kind }) => kind === 'log')) bench.feed.drain();
          }
        };
        await expect(drained()).rejects.toMatchObject({ name: 'FeedEndedError', reason: 'draining' });
      });
    });
  });
}
