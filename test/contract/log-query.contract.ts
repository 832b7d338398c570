import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { NodeLogStore } from '@launchlog/server/log/log-store';
import { getLogs } from '@launchlog/server/search/log-page';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import { logQuerySchema, type LogQueryInput } from '@launchlog/shared/log-query';
import { batchOf, logLine, logLines } from '../support/log-lines.js';
import type { LogRig } from '../support/log-rigs.js';

/** What questions about history answer, on any store. */
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

    async function ask(nodeId: string, query: LogQueryInput = {}) {
      const page = await getLogs(store, nodeId, logQuerySchema.parse(query));
      return { ...page, seqs: page.entries.map(({ seq }) => seq) };
    }

    function range(from: number, to: number): number[] {
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    }

    it('gives the last 100 entries unless asked otherwise, and where to go on', async () => {
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

    it('pages through what a filter lets pass', async () => {
      const lines = range(1, 900).map((seq) => logLine(seq, { level: seq % 100 === 0 ? 'warn' : 'info' }));
      const { nodeId, epoch } = await logOf(lines);
      const first = await ask(nodeId, { cursor: `${epoch}:0`, level: ['warn'], limit: 4 });
      expect(first).toMatchObject({ seqs: [100, 200, 300, 400], nextCursor: `${epoch}:400` });
      const rest = await ask(nodeId, { cursor: first.nextCursor, level: ['warn'] });
      expect(rest).toMatchObject({ seqs: [500, 600, 700, 800, 900], nextCursor: `${epoch}:900` });
      expect((await ask(nodeId, { level: ['warn'], tail: 2 })).seqs).toEqual([800, 900]);
    });

    it('filters by time, both ends included', async () => {
      const stamp = (seq: number) => `2026-01-01T00:00:0${seq}.000Z`;
      const { nodeId } = await logOf(range(1, 5).map((seq) => logLine(seq, { timestamp: stamp(seq) })));
      expect((await ask(nodeId, { since: stamp(2), until: stamp(4) })).seqs).toEqual([2, 3, 4]);
      expect((await ask(nodeId, { since: '2026-01-01T02:00:05+02:00' })).seqs).toEqual([5]);
    });

    it('says what was trimmed, to a cursor and to a tail that asks for more than is held', async () => {
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

    it('says that a cursor belongs to another log', async () => {
      const { nodeId, epoch } = await logOf(logLines(1, 5));
      const other = await ask(nodeId, { cursor: `${'1'.repeat(16)}:3` });
      expect(other).toMatchObject({ reset: { reason: 'lost', epoch }, seqs: [1, 2, 3, 4, 5] });
      const ahead = await ask(nodeId, { cursor: `${epoch}:6` });
      expect(ahead).toMatchObject({ reset: { reason: 'lost', epoch }, seqs: [1, 2, 3, 4, 5] });
      await store.clear(nodeId);
      expect(await ask(nodeId, { cursor: `${epoch}:3` })).toMatchObject({
        reset: { reason: 'cleared', epoch: UNBORN_EPOCH },
        entries: [],
      });
    });

    it('answers for a log that never was with nothing and a cursor that causes no reset', async () => {
      const nodeId = randomUUID();
      const page = await ask(nodeId);
      expect(page).toMatchObject({ entries: [], nextCursor: `${UNBORN_EPOCH}:0` });
      expect(await ask(nodeId, { cursor: page.nextCursor })).not.toHaveProperty('reset');
      expect(await ask(nodeId, { cursor: `${'1'.repeat(16)}:3` })).toMatchObject({
        reset: { epoch: UNBORN_EPOCH },
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
      expect(given.every(({ lines }) => lines.length <= 500)).toBe(true);
      expect(read).toHaveBeenCalledTimes(4);
      read.mockRestore();
    });

    it('refuses an expression RE2 cannot run', async () => {
      await expect(ask(randomUUID(), { regex: '(a)\\1' })).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });
}
