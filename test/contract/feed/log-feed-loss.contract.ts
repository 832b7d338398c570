import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { getLogs } from '@launchlog/server/search/log-page';
import { refusalText } from '@launchlog/server/log/store-refusal';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import { logQuerySchema } from '@launchlog/shared/log-query';
import { AbsentLogStore } from '../../support/fake/absent-log-store.js';
import { FeedBench, LAUNCHING, range } from '../../support/log/feed-bench.js';
import { expectContinuous, FeedProbe } from '../../support/log/feed-probe.js';
import { batchOf, logLine } from '../../support/log/log-lines.js';
import type { LogRig } from '../../support/log/log-rigs.js';

/** How the feed reports lost entries, and what its filters let through, on any store. */
export function describeLogFeedLoss(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`gaps, resets and filters over the log store ${name}`, () => {
    const bench = new FeedBench(makeRig);

    describe('a store that answers and takes no entries', () => {
      const passSeconds = () => bench.clock.advance(2_000);
      const messages = (probe: FeedProbe) =>
        probe.items.flatMap((item) => (item.kind === 'notice' ? [item.notice.message] : []));

      it('is reported with its reason to readers that are there and that come, once, and so is its end', async () => {
        const log = await bench.openLog(3);
        const present = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => present.seqs).toEqual([1, 2, 3]);
        bench.refusal = 'full';
        await passSeconds();
        const late = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => late.seqs).toEqual([1, 2, 3]);
        await passSeconds();
        for (const probe of [present, late]) {
          expect(probe.notices).toEqual(['log_store_refuses_entries']);
          expect(messages(probe)).toEqual([refusalText('full')]);
        }
        bench.refusal = 'no_permission';
        await passSeconds();
        bench.refusal = undefined;
        await passSeconds();
        await log.write(1);
        await expect.poll(() => late.seqs).toEqual([1, 2, 3, 4]);
        for (const probe of [present, late]) {
          const refuses = 'log_store_refuses_entries';
          expect(probe.notices).toEqual([refuses, refuses, 'log_store_back']);
          expect(probe.kinds.at(-1)).toBe('log');
        }
      });
    });

    describe('an outage of the store', () => {
      const outage = async (bringBack: boolean) => {
        const logs = new AbsentLogStore(bench.store);
        const own = bench.feedOver(logs);
        const log = await bench.openLog(5);
        // Room for the status, the history and one notice.
        const probe = FeedProbe.attach(own, log.nodeId, { room: 3 });
        await expect.poll(() => probe.seqs.length).toBe(5);
        logs.away = true;
        const askFor = async (notices: readonly string[]) => {
          await expect
            .poll(async () => {
              await bench.clock.advance(5_000);
              return probe.notices;
            })
            .toEqual(notices);
        };
        await askFor(['log_store_unavailable']);
        expect(own.readerCounts.full).toBe(1);
        logs.away = !bringBack;
        const witness = FeedProbe.attach(own, log.nodeId, { tail: 1 });
        await expect
          .poll(async () => {
            await bench.clock.advance(5_000);
            return bringBack ? witness.seqs : witness.notices;
          })
          .toEqual(bringBack ? [5] : ['log_store_unavailable']);
        probe.makeRoom();
        return { probe, own, logs, log, askFor };
      };

      it('is reported as over to a reader that had no room for the notice when it ended', async () => {
        const { probe, own, log } = await outage(true);
        await log.write(1);
        await expect.poll(() => probe.seqs).toEqual(range(1, 6));
        expect(probe.notices).toEqual(['log_store_unavailable', 'log_store_back']);
        await own.close();
      });

      it('is reported as over no earlier than it is', async () => {
        const { probe, own, logs, askFor } = await outage(false);
        expect(probe.notices).toEqual(['log_store_unavailable']);
        logs.away = false;
        await askFor(['log_store_unavailable', 'log_store_back']);
        await own.close();
      });
    });

    describe('what is gone', () => {
      it('reports the gap before the entries that are left, to a resumed and to a fresh reader', async () => {
        const logs = await bench.rig.open({ maxEntries: 20 });
        const own = bench.feedOver(logs);
        const log = await bench.openLog(50, logs);
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

      it('reports a cleared log at once, and the epoch of the new one as soon as it has begun', async () => {
        const log = await bench.openLog(5);
        const probe = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(5);
        const before = log.at(5);
        await bench.store.clear(log.nodeId);
        await expect.poll(() => probe.resets).toEqual([{ reason: 'cleared', epoch: UNBORN_EPOCH }]);
        await log.beginAgain();
        await log.write(2);
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4, 5, 1, 2]);
        expect(probe.resets.slice(1)).toEqual([{ reason: 'cleared', epoch: log.epoch }]);
        expectContinuous(probe.items);
        const late = FeedProbe.attach(bench.feed, log.nodeId, { cursor: before });
        await expect.poll(() => late.seqs).toEqual([1, 2]);
        expect(late.resets).toEqual([{ reason: 'cleared', epoch: log.epoch }]);
      });

      it('repeats the reset to a resume while no new log has begun, and names the new log to readers that waited for it', async () => {
        const log = await bench.openLog(5);
        await bench.store.clear(log.nodeId);
        const waiting = FeedProbe.attach(bench.feed, log.nodeId, { cursor: log.at(5) });
        const fresh = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => waiting.resets).toEqual([{ reason: 'cleared', epoch: UNBORN_EPOCH }]);
        const resumed = FeedProbe.attach(bench.feed, log.nodeId, { cursor: waiting.cursor });
        await expect.poll(() => resumed.resets).toEqual([{ reason: 'cleared', epoch: UNBORN_EPOCH }]);
        await log.beginAgain();
        await log.write(2);
        await expect
          .poll(() => [waiting, resumed, fresh].map(({ seqs }) => seqs))
          .toEqual([
            [1, 2],
            [1, 2],
            [1, 2],
          ]);
        expect(waiting.resets.slice(1)).toEqual([{ reason: 'cleared', epoch: log.epoch }]);
        expect(resumed.resets.slice(1)).toEqual([{ reason: 'cleared', epoch: log.epoch }]);
        expect(fresh.resets).toEqual([]);
        for (const probe of [waiting, resumed]) expectContinuous(probe.items);
      });

      it('reports a log that was lost and begun again, then replays it', async () => {
        const log = await bench.openLog(5);
        const probe = FeedProbe.attach(bench.feed, log.nodeId);
        await expect.poll(() => probe.seqs.length).toBe(5);
        await log.beginAgain('c'.repeat(16));
        await log.write(3);
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4, 5, 1, 2, 3]);
        expect(probe.resets).toEqual([{ reason: 'lost', epoch: log.epoch }]);
        expectContinuous(probe.items);
      });

      it('reports a reset to a resume from a position that this log has not reached', async () => {
        const log = await bench.openLog(5);
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { cursor: log.at(9) });
        await expect.poll(() => probe.seqs).toEqual([1, 2, 3, 4, 5]);
        expect(probe.resets).toEqual([{ reason: 'lost', epoch: log.epoch }]);
      });

      it('answers a cursor ahead of a log that began after a clear with lost, as a page of history does', async () => {
        const log = await bench.openLog(5);
        await bench.store.clear(log.nodeId);
        await log.beginAgain();
        await log.write(2);
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { cursor: log.at(9) });
        await expect.poll(() => probe.seqs).toEqual([1, 2]);
        expect(probe.resets).toEqual([{ reason: 'lost', epoch: log.epoch }]);
        expect(await resetOfPage(log.nodeId, log.at(9))).toEqual(probe.resets[0]);
      });

      it.each([
        ['launching', 'lost'],
        ['terminating', 'expired'],
        ['failed', 'expired'],
      ] as const)(
        'answers a cursor of a forgotten log of a node that is %s with %s',
        async (status, reason) => {
          const nodeId = randomUUID();
          const cursor = `${'1'.repeat(16)}:3`;
          bench.snapshot = { ...LAUNCHING, done: { status, message: status } };
          const probe = FeedProbe.attach(bench.feed, nodeId, { cursor });
          await expect.poll(() => probe.resets).toEqual([{ reason, epoch: UNBORN_EPOCH }]);
          const endedAt = status === 'launching' ? undefined : '2026-01-01T00:00:00.000Z';
          expect(await resetOfPage(nodeId, cursor, endedAt)).toEqual(probe.resets[0]);
        },
      );
    });

    async function resetOfPage(nodeId: string, cursor: string, endedAt?: string) {
      const page = await getLogs(bench.store, { id: nodeId, endedAt }, logQuerySchema.parse({ cursor }));
      return page.reset;
    }

    describe('filters', () => {
      it('counts only matching entries for the tail, however far back they are', async () => {
        const logs = await bench.rig.open({ maxEntries: 5_000, maxBytes: 8 * 1024 * 1024 });
        const own = bench.feedOver(logs);
        const log = await bench.openLog(0, logs);
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
        const log = await bench.openLog();
        await bench.store.append(
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
        const probe = FeedProbe.attach(bench.feed, log.nodeId, {
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
        const log = await bench.openLog(10);
        const since = '2026-01-01T00:00:00Z';
        const probe = FeedProbe.attach(bench.feed, log.nodeId, { cursor: log.at(2), tail: 1, since });
        await expect.poll(() => probe.seqs).toEqual(range(3, 10));
      });

      it('refuses an expression that cannot be used, at once', () => {
        expect(() => FeedProbe.attach(bench.feed, randomUUID(), { regex: '(?=look)' })).toThrow(
          /^'regex' must be an RE2 expression/,
        );
        expect(bench.feed.counts.nodes).toBe(0);
      });
    });
  });
}
