import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { getLogs } from '@launchlog/server/search/log-page';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import { logQuerySchema, type LogQueryInput } from '@launchlog/shared/log-query';
import { batchOf, logLine, logLines } from '../../support/log/log-lines.js';
import type { LogRig } from '../../support/log/log-rigs.js';

/** What a page of history answers, on any store. */
export function describeLogQuery(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`history from the log store ${name}`, () => {
    let rig: LogRig;
    let store: NodeLogStore;
    beforeAll(async () => {
      rig = await makeRig();
      store = await rig.open({ maxEntries: 1_000 });
    });
    afterAll(async () => {
      await store.close();
      await rig.close();
    });

    async function logOf(lines: readonly string[]) {
      const nodeId = randomUUID();
      const claim = await store.claim(nodeId, 1);
      if (claim.kind !== 'claimed') throw new Error('fenced');
      await store.append(batchOf({ nodeId, epoch: claim.epoch }, 1, lines));
      return { nodeId, epoch: claim.epoch };
    }

    async function ask(nodeId: string, query: LogQueryInput = {}, endedAt?: string) {
      const page = await getLogs(store, { id: nodeId, endedAt }, logQuerySchema.parse(query));
      return { ...page, seqs: page.records.map(({ seq }) => seq) };
    }

    function range(from: number, to: number): number[] {
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    }

    it('gives the last 100 entries by default, and the cursor of the next page', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 800));
      expect(await ask(nodeId)).toMatchObject({ seqs: range(701, 800), nextCursor: `${epoch}:800` });
      expect((await ask(nodeId, { tail: 10_000 })).seqs).toEqual(range(1, 800));
      expect(await ask(nodeId)).not.toHaveProperty('gap');
    });

    it('pages through a log by its cursor, each entry once', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 800));
      const seqs: number[] = [];
      let cursor = `${epoch}:0`;
      for (;;) {
        const page = await ask(nodeId, { cursor, limit: 333, tail: 1 });
        if (page.seqs.length === 0) break;
        seqs.push(...page.seqs);
        cursor = page.nextCursor;
      }
      expect(seqs).toEqual(range(1, 800));
      expect(cursor).toBe(`${epoch}:800`);
    });

    it('pages through the entries that match a filter', async () => {
      const lines = range(1, 900).map((seq) => logLine(seq, { level: seq % 100 === 0 ? 'warn' : 'info' }));
      const { nodeId, epoch } = await logOf(lines);
      const first = await ask(nodeId, { cursor: `${epoch}:0`, level: ['warn'], limit: 4 });
      expect(first).toMatchObject({ seqs: [100, 200, 300, 400], nextCursor: `${epoch}:400` });
      const rest = await ask(nodeId, { cursor: first.nextCursor, level: ['warn'] });
      expect(rest).toMatchObject({ seqs: [500, 600, 700, 800, 900], nextCursor: `${epoch}:900` });
      expect((await ask(nodeId, { level: ['warn'], tail: 2 })).seqs).toEqual([800, 900]);
    });

    it('filters by time, both ends inclusive', async () => {
      const stamp = (seq: number) => `2026-01-01T00:00:0${seq}.000Z`;
      const { nodeId } = await logOf(range(1, 5).map((seq) => logLine(seq, { timestamp: stamp(seq) })));
      expect((await ask(nodeId, { since: stamp(2), until: stamp(4) })).seqs).toEqual([2, 3, 4]);
      expect((await ask(nodeId, { since: '2026-01-01T02:00:05+02:00' })).seqs).toEqual([5]);
    });

    it('reports trimmed entries to a cursor and to a tail that asks for more than is held', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 1_200));
      const gap = { from_seq: 101, to_seq: 200, reason: 'trimmed' };
      expect(await ask(nodeId, { cursor: `${epoch}:100`, limit: 10 })).toMatchObject({
        gap,
        seqs: range(201, 210),
      });
      expect(await ask(nodeId, { tail: 1_100 })).toMatchObject({ gap, seqs: range(201, 1_200) });
      expect(await ask(nodeId, { tail: 5, level: ['error'] })).toMatchObject({
        seqs: [],
        gap: { from_seq: 1, to_seq: 200, reason: 'trimmed' },
      });
      expect(await ask(nodeId, { tail: 1_000 })).not.toHaveProperty('gap');
    });

    it('answers a cursor of another log, or of entries this one has lost, with a reset', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 5));
      const other = await ask(nodeId, { cursor: `${'1'.repeat(16)}:3` });
      expect(other).toMatchObject({ reset: { reason: 'lost', epoch }, seqs: [1, 2, 3, 4, 5] });
      const ahead = await ask(nodeId, { cursor: `${epoch}:6` });
      expect(ahead).toMatchObject({ reset: { reason: 'lost', epoch }, seqs: [1, 2, 3, 4, 5] });
    });

    it('answers a cursor of a cleared log with the reason, also after the next log has begun', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 5));
      await store.clear(nodeId);
      expect(await ask(nodeId, { cursor: `${epoch}:3` })).toMatchObject({
        reset: { reason: 'cleared', epoch: UNBORN_EPOCH },
        records: [],
      });
      const next = await store.claim(nodeId, 2);
      if (next.kind !== 'claimed') throw new Error('fenced');
      await store.append(batchOf({ nodeId, epoch: next.epoch, attempt: 2 }, 1, logLines(1, 2)));
      expect(await ask(nodeId, { cursor: `${epoch}:3` })).toMatchObject({
        reset: { reason: 'cleared', epoch: next.epoch },
        seqs: [1, 2],
      });
      expect(await ask(nodeId, { cursor: `${next.epoch}:3` })).toMatchObject({
        reset: { reason: 'lost', epoch: next.epoch },
        seqs: [1, 2],
      });
    });

    it('answers a log that never began with nothing and a cursor that causes no reset', async () => {
      const nodeId = randomUUID();
      const page = await ask(nodeId);
      expect(page).toMatchObject({ records: [], nextCursor: `${UNBORN_EPOCH}:0` });
      expect(await ask(nodeId, { cursor: page.nextCursor })).not.toHaveProperty('reset');
    });

    it('answers a cursor of a log the store has forgotten: lost while the launch runs, else expired', async () => {
      const nodeId = randomUUID();
      const query = { cursor: `${'1'.repeat(16)}:3` };
      expect(await ask(nodeId, query)).toMatchObject({ reset: { reason: 'lost', epoch: UNBORN_EPOCH } });
      expect(await ask(nodeId, query, '2026-01-01T00:00:00.000Z')).toMatchObject({
        reset: { reason: 'expired', epoch: UNBORN_EPOCH },
      });
    });

    it('reads no more of a long log than the page needs', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 1_000));
      const read = vi.spyOn(store, 'read');
      await ask(nodeId, { tail: 10 });
      await ask(nodeId, { cursor: `${epoch}:500`, limit: 10 });
      const given = await Promise.all(
        read.mock.results.map(({ value }) => value as ReturnType<typeof store.read>),
      );
      expect(given.every(({ lines }) => lines.length <= 256)).toBe(true);
      expect(read).toHaveBeenCalledTimes(3);
      read.mockRestore();
    });

    it('refuses an expression RE2 cannot run', async () => {
      await expect(ask(randomUUID(), { regex: '(a)\\1' })).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });
}
