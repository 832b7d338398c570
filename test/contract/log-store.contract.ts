import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogClaim, LogLimits, LogSignal, NodeLogStore } from '@launchlog/server/log/log-store';
import { batchOf, logLine, logLines, terminalLine } from '../support/log-lines.js';

export const CONTRACT_LIMITS: LogLimits = {
  maxEntries: 200,
  maxBytes: 64 * 1024,
  ttlMs: 60_000,
  metaTtlMs: 120_000,
};

/** One kind of store, and how a test moves it through time and restarts. */
export interface LogStoreRig {
  open(limits?: Partial<LogLimits>): Promise<NodeLogStore>;
  /** The entries of the log go by their age, the rest stays. `store` has `SHORT_TTL`. */
  passTtl(): Promise<void>;
  /** So long that even the epoch is forgotten. */
  passMetaTtl(): Promise<void>;
  /** The same data through a store made anew. */
  reopen(store: NodeLogStore, limits?: Partial<LogLimits>): Promise<NodeLogStore>;
  close(): Promise<void>;
}

export const SHORT_TTL = { ttlMs: 300, metaTtlMs: 900 };

type Claimed = Extract<LogClaim, { kind: 'claimed' }>;

async function claimed(store: NodeLogStore, nodeId: string, attempt = 1, renewal?: string): Promise<Claimed> {
  const claim = await store.claim(nodeId, attempt, renewal);
  if (claim.kind !== 'claimed') throw new Error('fenced');
  return claim;
}

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
        expect(claim).toEqual({
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

      it('reads on from each place, and no more than asked for', async () => {
        const { nodeId } = await logOf(20);
        for (let after = 0; after <= 20; after += 1) {
          const slice = await store.read(nodeId, { from: { afterSeq: after }, limit: 7 });
          expect(slice.linesFrom).toBe(after + 1);
          expect(slice.lines).toEqual(logLines(after + 1, Math.min(after + 7, 20)));
        }
      });

      it('reads the last so many, fewer when there are fewer', async () => {
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

      it('says of a log that never was that it knows none', async () => {
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
      it('answers a retry of an applied batch with duplicate, and goes on after it', async () => {
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

      it('closes a log with its terminal entry, and gives it to whoever claims', async () => {
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
      it('lets a takeover go on where the log ends, in the same epoch', async () => {
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

    describe('bounds', () => {
      it('trims the oldest entries by number and says which one is the first', async () => {
        const { nodeId, epoch } = await logOf(190);
        await store.append(batchOf({ nodeId, epoch }, 191, logLines(191, 230)));
        const slice = await store.read(nodeId, { from: { afterSeq: 0 }, limit: 1_000 });
        expect(slice).toMatchObject({ lastSeq: 230, firstSeq: 31, linesFrom: 31, expired: false });
        expect(slice.lines).toEqual(logLines(31, 230));
      });

      it('trims by bytes, counted as UTF-8', async () => {
        const { nodeId, epoch } = await logOf(0);
        const message = 'é'.repeat(5_000);
        for (let seq = 1; seq <= 20; seq += 1) {
          await store.append(batchOf({ nodeId, epoch }, seq, [logLine(seq, { message })]));
        }
        const { lines, firstSeq } = await store.read(nodeId, { from: { afterSeq: 0 }, limit: 100 });
        const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
        expect(bytes).toBeLessThanOrEqual(CONTRACT_LIMITS.maxBytes);
        expect(bytes).toBeGreaterThan(CONTRACT_LIMITS.maxBytes - 11_000);
        expect(firstSeq).toBe(21 - lines.length);
      });

      it('forgets entries by age and still knows how far the log went', async () => {
        const aging = await rig.open(SHORT_TTL);
        const { nodeId, epoch } = await logOf(5, aging);
        await rig.passTtl();
        const slice = await aging.read(nodeId, { from: { afterSeq: 2 }, limit: 10 });
        expect(slice).toMatchObject({
          epoch,
          lastSeq: 5,
          firstSeq: 6,
          lines: [],
          expired: true,
          cleared: false,
        });
        expect(await aging.append(batchOf({ nodeId, epoch }, 6, [logLine(6)]))).toEqual({ kind: 'appended' });
        const after = await aging.read(nodeId, { from: { afterSeq: 2 }, limit: 10 });
        expect(after).toMatchObject({ firstSeq: 6, linesFrom: 6, lines: [logLine(6)], expired: false });
        await aging.close();
      });

      it('forgets the log altogether later on', async () => {
        const aging = await rig.open(SHORT_TTL);
        const { nodeId, epoch } = await logOf(5, aging);
        await rig.passMetaTtl();
        expect((await aging.read(nodeId, { from: { tail: 1 }, limit: 1 })).epoch).toBeUndefined();
        expect(await aging.append(batchOf({ nodeId, epoch }, 6, [logLine(6)]))).toEqual({ kind: 'lost' });
        expect(await claimed(aging, nodeId)).toMatchObject({ lastSeq: 0 });
        await aging.close();
      });
    });

    describe('clear', () => {
      it('empties the log, tells the writer, and begins a new epoch with the next claim', async () => {
        const { nodeId, epoch } = await logOf(5);
        await store.append(batchOf({ nodeId, epoch }, 6, [logLine(6)], { checkpoint: 'six' }));
        await store.clear(nodeId);
        const slice = await store.read(nodeId, { from: { tail: 10 }, limit: 10 });
        expect(slice).toMatchObject({ epoch, cleared: true, lines: [], expired: false });
        expect(await store.append(batchOf({ nodeId, epoch }, 7, [logLine(7)]))).toEqual({ kind: 'cleared' });
        const again = await claimed(store, nodeId);
        expect(again).toMatchObject({ lastSeq: 0, checkpoint: 'six' });
        expect(again.epoch).not.toBe(epoch);
        const begun = await store.read(nodeId, { from: { tail: 10 }, limit: 10 });
        expect(begun).toMatchObject({ epoch: again.epoch, cleared: false, began: 'cleared', lastSeq: 0 });
      });

      it('may be asked for twice, and for a log that is not there', async () => {
        const { nodeId } = await logOf(1);
        await store.clear(nodeId);
        await store.clear(nodeId);
        await store.clear(randomUUID());
        expect((await store.read(nodeId, { from: { tail: 1 }, limit: 1 })).cleared).toBe(true);
      });
    });

    describe('announcements', () => {
      it('tells every subscriber what was appended, in order, and nothing that was refused', async () => {
        const { nodeId, epoch } = await logOf(2);
        const heard: LogSignal[][] = [[], []];
        const subscriptions = await Promise.all(
          heard.map((signals) => store.subscribe(nodeId, (signal) => signals.push(signal))),
        );
        await store.append(batchOf({ nodeId, epoch }, 3, logLines(3, 4)));
        await store.append(batchOf({ nodeId, epoch }, 3, logLines(3, 4)));
        await store.append(batchOf({ nodeId, epoch }, 9, [logLine(9)]));
        await store.append(batchOf({ nodeId, epoch }, 5, [logLine(5)]));
        await store.clear(nodeId);
        const expected: LogSignal[] = [
          { kind: 'appended', epoch, firstSeq: 3, lines: logLines(3, 4) },
          { kind: 'appended', epoch, firstSeq: 5, lines: [logLine(5)] },
          { kind: 'cleared' },
        ];
        await expect.poll(() => heard).toEqual([expected, expected]);
        await Promise.all(subscriptions.map((subscription) => subscription.close()));
      });

      it('says nothing of other logs, and nothing after the end of the subscription', async () => {
        const one = await logOf(0);
        const other = await logOf(0);
        const heard: LogSignal[] = [];
        const subscription = await store.subscribe(one.nodeId, (signal) => heard.push(signal));
        const kept = await store.subscribe(one.nodeId, () => undefined);
        await store.append(batchOf(other, 1, [logLine(1)]));
        await store.append(batchOf(one, 1, [logLine(1)]));
        await expect.poll(() => heard.length).toBe(1);
        await subscription.close();
        await subscription.close();
        await store.append(batchOf(one, 2, [logLine(2)]));
        await store.ping();
        expect(heard).toHaveLength(1);
        await kept.close();
      });
    });

    describe('made anew over the same data', () => {
      it('finds the log as it was', async () => {
        const first = await rig.open({ maxEntries: 10 });
        const { nodeId, epoch } = await logOf(25, first);
        await first.append(batchOf({ nodeId, epoch }, 26, [logLine(26)], { checkpoint: 'c' }));
        const before = await first.read(nodeId, { from: { tail: 100 }, limit: 100 });
        const second = await rig.reopen(first, { maxEntries: 10 });
        expect(await second.read(nodeId, { from: { tail: 100 }, limit: 100 })).toEqual(before);
        expect(await claimed(second, nodeId, 2)).toMatchObject({ epoch, lastSeq: 26, checkpoint: 'c' });
        const next = batchOf({ nodeId, epoch, attempt: 2 }, 27, [terminalLine(27)], { terminal: true });
        expect(await second.append(next)).toEqual({ kind: 'appended' });
        const third = await rig.reopen(second);
        expect(await third.read(nodeId, { from: { tail: 1 }, limit: 1 })).toMatchObject({ closed: true });
        await third.close();
      });

      it('still knows that it was cleared', async () => {
        const first = await rig.open();
        const { nodeId, epoch } = await logOf(3, first);
        await first.clear(nodeId);
        const second = await rig.reopen(first);
        expect(await second.append(batchOf({ nodeId, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'cleared' });
        await second.close();
      });
    });

    it('refuses ids that could name something else', async () => {
      for (const nodeId of ['', '../x', 'a{b}c', 'a:b', 'x'.repeat(65), 'a\nb', '*']) {
        await expect(store.claim(nodeId, 1)).rejects.toThrow('node id');
        await expect(store.read(nodeId, { from: { tail: 1 }, limit: 1 })).rejects.toThrow('node id');
        await expect(store.subscribe(nodeId, () => undefined)).rejects.toThrow('node id');
      }
    });

    it('answers a ping, and may be closed twice', async () => {
      const another = await rig.open();
      await another.ping();
      await another.close();
      await another.close();
      await expect(another.ping()).rejects.toThrow();
    });
  });
}
