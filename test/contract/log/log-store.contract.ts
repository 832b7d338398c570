import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogStoreUnavailableError, type NodeLogStore } from '@launchlog/server/log/log-store';
import { claimed, type LogStoreRig } from '../../support/log/log-store-rig.js';
import { describeLogStoreLife } from './log-store-life.contract.js';
import { batchOf, logLine, logLines, terminalLine } from '../../support/log/log-lines.js';

/** What every log store owes; each implementation runs it. */
export function describeLogStore(name: string, makeRig: () => Promise<LogStoreRig>): void {
  describe(`the log store ${name}`, () => {
    let rig: LogStoreRig;
    let store: NodeLogStore;

    beforeAll(async () => {
      rig = await makeRig();
      store = await rig.open();
    });
    afterAll(async () => {
      await store.close();
      await rig.close();
    });

    /** A log of its own with `count` entries. */
    async function logOf(count: number, on: NodeLogStore = store) {
      const nodeId = randomUUID();
      const { epoch } = await claimed(on, nodeId);
      if (count > 0) await on.append(batchOf({ nodeId, epoch }, 1, logLines(1, count)));
      return { nodeId, epoch };
    }

    describe('append and read', () => {
      it('begins a log with a random epoch and seq 0', async () => {
        const nodeId = randomUUID();
        const claim = await claimed(store, nodeId);
        expect(claim).toMatchObject({
          kind: 'claimed',
          epoch: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          lastSeq: 0,
          checkpoint: undefined,
          terminal: undefined,
        });
        expect((await claimed(store, randomUUID())).epoch).not.toBe(claim.epoch);
      });

      it('keeps 1,000 appends of one moment in order, without a hole and without a repeat', async () => {
        const big = await rig.open({ maxEntries: 5_000, maxBytes: 8 * 1024 * 1024 });
        const { nodeId, epoch } = await logOf(0, big);
        const replies = await Promise.all(
          Array.from({ length: 1_000 }, (_, index) =>
            big.append(batchOf({ nodeId, epoch }, index + 1, [logLine(index + 1)])),
          ),
        );
        expect(new Set(replies.map(({ kind }) => kind))).toEqual(new Set(['appended']));
        const slice = await big.read(nodeId, { from: { afterSeq: 0 }, limit: 2_000 });
        expect(slice).toMatchObject({ epoch, lastSeq: 1_000, firstSeq: 1, linesFrom: 1 });
        expect(slice.lines).toEqual(logLines(1, 1_000));
        await big.close();
      });

      it('gives back exactly the bytes it was given', async () => {
        const { nodeId, epoch } = await logOf(0);
        const line = logLine(1, { message: 'NUL \0, ANSI \u001b[31m, CRLF \r\n, \u2028, 😀, "quoted" \\ é' });
        await store.append(batchOf({ nodeId, epoch }, 1, [line]));
        const slice = await store.read(nodeId, { from: { tail: 1 }, limit: 1 });
        expect(slice.lines).toEqual([line]);
      });

      it('reads on from each position, and no more than asked for', async () => {
        const { nodeId } = await logOf(20);
        for (let after = 0; after <= 20; after += 1) {
          const slice = await store.read(nodeId, { from: { afterSeq: after }, limit: 7 });
          expect(slice.linesFrom).toBe(after + 1);
          expect(slice.lines).toEqual(logLines(after + 1, Math.min(after + 7, 20)));
        }
      });

      it('reads no more bytes than asked for: those next to the position, and at least one entry', async () => {
        const { nodeId, epoch } = await logOf(0);
        const lines = Array.from({ length: 200 }, (_, index) =>
          logLine(index + 1, { message: 'x'.repeat(index === 150 ? 3_000 : 100) }),
        );
        await store.append(batchOf({ nodeId, epoch }, 1, lines));
        const bytesOf = (some: readonly string[]) => some.join('').length;
        for (const maxBytes of [1, 500, 2_000, 30_000, 1_000_000]) {
          const after = await store.read(nodeId, { from: { afterSeq: 10 }, limit: 180, maxBytes });
          expect([after.linesFrom, after.lastSeq]).toEqual([11, 200]);
          expect(after.lines).toEqual(lines.slice(10, 10 + after.lines.length));
          const tail = await store.read(nodeId, { from: { tail: 190 }, limit: 190, maxBytes });
          expect(tail.lines).toEqual(lines.slice(tail.linesFrom - 1));
          const bounds = [
            [after.lines, lines[10 + after.lines.length] ?? '', 180],
            [tail.lines, lines[tail.linesFrom - 2] ?? '', 190],
          ] as const;
          for (const [some, next, all] of bounds) {
            expect(some.length === 1 || bytesOf(some) <= maxBytes).toBe(true);
            expect(some.length === all || bytesOf([...some, next]) > maxBytes).toBe(true);
          }
        }
        const long = await store.read(nodeId, { from: { afterSeq: 150 }, limit: 9, maxBytes: 500 });
        expect(long.lines).toEqual(lines.slice(150, 151));
      });

      it('reads as many of the last as asked for, or all when there are fewer', async () => {
        const { nodeId } = await logOf(20);
        for (const tail of [1, 5, 20, 1_000]) {
          const slice = await store.read(nodeId, { from: { tail }, limit: 1_000 });
          expect(slice.lines).toEqual(logLines(Math.max(1, 21 - tail), 20));
        }
        const bounded = await store.read(nodeId, { from: { tail: 10 }, limit: 3 });
        expect(bounded.lines).toEqual(logLines(11, 13));
      });

      it('reads beyond the end as nothing', async () => {
        const { nodeId } = await logOf(3);
        const slice = await store.read(nodeId, { from: { afterSeq: 99 }, limit: 10 });
        expect(slice).toMatchObject({ lastSeq: 3, lines: [], linesFrom: 4, expired: false });
      });

      it('reports a log that never was as unknown', async () => {
        const slice = await store.read(randomUUID(), { from: { tail: 10 }, limit: 10 });
        expect(slice).toMatchObject({ epoch: undefined, lastSeq: 0, firstSeq: 1, lines: [], expired: false });
      });

      it('keeps the checkpoint of the last append that had one', async () => {
        const { nodeId, epoch } = await logOf(0);
        await store.append(batchOf({ nodeId, epoch }, 1, [logLine(1)], { checkpoint: 'line 7' }));
        await store.append(batchOf({ nodeId, epoch }, 2, [logLine(2)]));
        expect(await claimed(store, nodeId, 2)).toMatchObject({ lastSeq: 2, checkpoint: 'line 7' });
      });
    });

    describe('the replies to an append', () => {
      it('answers a retry of an applied batch with duplicate, and accepts the next batch', async () => {
        const { nodeId, epoch } = await logOf(0);
        const batch = batchOf({ nodeId, epoch }, 1, logLines(1, 3));
        expect(await store.append(batch)).toEqual({ kind: 'appended' });
        expect(await store.append(batch)).toEqual({ kind: 'duplicate' });
        expect(await store.append(batchOf({ nodeId, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'appended' });
        const { lines } = await store.read(nodeId, { from: { afterSeq: 0 }, limit: 10 });
        expect(lines).toEqual(logLines(1, 4));
      });

      it('answers a hole with lost and appends nothing', async () => {
        const { nodeId, epoch } = await logOf(2);
        expect(await store.append(batchOf({ nodeId, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'lost' });
        expect((await store.read(nodeId, { from: { tail: 9 }, limit: 9 })).lastSeq).toBe(2);
      });

      it('answers another epoch, and a log it does not know, with lost', async () => {
        const { nodeId } = await logOf(2);
        const other = 'f'.repeat(16);
        expect(await store.append(batchOf({ nodeId, epoch: other }, 3, [logLine(3)]))).toEqual({
          kind: 'lost',
        });
        const unknown = batchOf({ nodeId: randomUUID(), epoch: other }, 1, [logLine(1)]);
        expect(await store.append(unknown)).toEqual({ kind: 'lost' });
      });

      it('fences a stale owner, even with a batch that another has since written in its place', async () => {
        const { nodeId, epoch } = await logOf(2);
        await claimed(store, nodeId, 2);
        const stale = batchOf({ nodeId, epoch, attempt: 1 }, 3, [logLine(3, { message: 'stale' })]);
        expect(await store.append(stale)).toEqual({ kind: 'fenced' });
        await store.append(batchOf({ nodeId, epoch, attempt: 2 }, 3, [logLine(3)]));
        expect(await store.append(stale)).toEqual({ kind: 'fenced' });
        expect(await store.claim(nodeId, 1)).toEqual({ kind: 'fenced' });
        expect((await store.read(nodeId, { from: { tail: 1 }, limit: 1 })).lines).toEqual([logLine(3)]);
      });

      it('closes a log with its terminal entry, and returns that entry to every claim', async () => {
        const { nodeId, epoch } = await logOf(2);
        const last = batchOf({ nodeId, epoch }, 3, [terminalLine(3)], { terminal: true });
        expect(await store.append(last)).toEqual({ kind: 'appended' });
        expect(await store.append(last)).toEqual({ kind: 'duplicate' });
        expect(await store.append(batchOf({ nodeId, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'closed' });
        expect(await store.read(nodeId, { from: { tail: 1 }, limit: 1 })).toMatchObject({
          closed: true,
          lastSeq: 3,
        });
        expect((await claimed(store, nodeId, 2)).terminal).toEqual(JSON.parse(terminalLine(3)));
      });
    });

    describe('claims', () => {
      it('lets a takeover continue where the log ends, in the same epoch', async () => {
        const { nodeId, epoch } = await logOf(5);
        expect(await claimed(store, nodeId, 2)).toMatchObject({ epoch, lastSeq: 5 });
        const next = batchOf({ nodeId, epoch, attempt: 2 }, 6, [logLine(6)]);
        expect(await store.append(next)).toEqual({ kind: 'appended' });
      });

      it('begins a renewal once, however often it is asked for', async () => {
        const { nodeId, epoch } = await logOf(5);
        const renewal = 'a'.repeat(16);
        expect(await claimed(store, nodeId, 1, renewal)).toMatchObject({ epoch: renewal, lastSeq: 0 });
        await store.append(batchOf({ nodeId, epoch: renewal }, 1, [logLine(1)]));
        // The first request was answered too late and was sent again: nothing may begin twice.
        expect(await claimed(store, nodeId, 1, renewal)).toMatchObject({ epoch: renewal, lastSeq: 1 });
        const slice = await store.read(nodeId, { from: { afterSeq: 0 }, limit: 9 });
        expect(slice).toMatchObject({ epoch: renewal, began: 'lost', lastSeq: 1 });
        expect(slice.epoch).not.toBe(epoch);
      });

      it('answers a write of the former epoch, late, with lost and without harm', async () => {
        const { nodeId, epoch } = await logOf(5);
        const renewal = 'b'.repeat(16);
        await claimed(store, nodeId, 1, renewal);
        expect(await store.append(batchOf({ nodeId, epoch }, 6, [logLine(6)]))).toEqual({ kind: 'lost' });
        expect(await store.append(batchOf({ nodeId, epoch: renewal }, 1, [logLine(1)]))).toEqual({
          kind: 'appended',
        });
      });
    });

    describeLogStoreLife({
      rig: () => rig,
      store: () => store,
      logOf,
    });

    it('refuses ids that could name something else', async () => {
      for (const nodeId of ['', '../x', 'a{b}c', 'a:b', 'x'.repeat(65), 'a\nb', '*']) {
        await expect(store.claim(nodeId, 1)).rejects.toThrow('node id');
        await expect(store.read(nodeId, { from: { tail: 1 }, limit: 1 })).rejects.toThrow('node id');
        await expect(store.subscribe(nodeId, () => undefined)).rejects.toThrow('node id');
      }
    });

    it('answers a ping and a probe, which is seen by no reader, and may be closed twice', async () => {
      const another = await rig.open();
      await another.ping();
      await another.probe();
      await another.probe();
      await another.close();
      await another.close();
      await expect(another.ping()).rejects.toBeInstanceOf(LogStoreUnavailableError);
      await expect(another.probe()).rejects.toMatchObject({ refusal: undefined });
    });
  });
}
