import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogSignal, NodeLogStore } from '@launchlog/server/log/log-store';
import { batchOf, logLine, logLines, terminalLine } from '../../support/log/log-lines.js';
import { claimed, CONTRACT_LIMITS, SHORT_TTL, type LogStoreRig } from '../../support/log/log-store-rig.js';

/** The part of the contract that is about time, space and ends; run by `describeLogStore`. */
export function describeLogStoreLife(bench: {
  readonly rig: () => LogStoreRig;
  readonly store: () => NodeLogStore;
  readonly logOf: (count: number, on?: NodeLogStore) => Promise<{ nodeId: string; epoch: string }>;
}): void {
  describe('bounds', () => {
    it('trims the oldest entries by number and reports which one is the first', async () => {
      const { nodeId, epoch } = await bench.logOf(190);
      await bench.store().append(batchOf({ nodeId, epoch }, 191, logLines(191, 230)));
      const slice = await bench.store().read(nodeId, { from: { afterSeq: 0 }, limit: 1_000 });
      expect(slice).toMatchObject({ lastSeq: 230, firstSeq: 31, linesFrom: 31, expired: false });
      expect(slice.lines).toEqual(logLines(31, 230));
    });

    it('trims by bytes, counted as UTF-8', async () => {
      const { nodeId, epoch } = await bench.logOf(0);
      const message = 'é'.repeat(5_000);
      for (let seq = 1; seq <= 20; seq += 1) {
        await bench.store().append(batchOf({ nodeId, epoch }, seq, [logLine(seq, { message })]));
      }
      const { lines, firstSeq } = await bench.store().read(nodeId, { from: { afterSeq: 0 }, limit: 100 });
      const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
      expect(bytes).toBeLessThanOrEqual(CONTRACT_LIMITS.maxBytes);
      expect(bytes).toBeGreaterThan(CONTRACT_LIMITS.maxBytes - 11_000);
      expect(firstSeq).toBe(21 - lines.length);
    });

    it('forgets entries by age and still knows how far the log went', async () => {
      const aging = await bench.rig().open(SHORT_TTL);
      const { nodeId, epoch } = await bench.logOf(5, aging);
      await bench.rig().passTtl();
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
      const aging = await bench.rig().open(SHORT_TTL);
      const { nodeId, epoch } = await bench.logOf(5, aging);
      await bench.rig().passMetaTtl();
      expect((await aging.read(nodeId, { from: { tail: 1 }, limit: 1 })).epoch).toBeUndefined();
      expect(await aging.append(batchOf({ nodeId, epoch }, 6, [logLine(6)]))).toEqual({ kind: 'lost' });
      expect(await claimed(aging, nodeId)).toMatchObject({ lastSeq: 0 });
      await aging.close();
    });
  });

  describe('clear', () => {
    it('empties the log, informs the writer, and begins a new epoch with the next claim', async () => {
      const { nodeId, epoch } = await bench.logOf(5);
      await bench.store().append(batchOf({ nodeId, epoch }, 6, [logLine(6)], { checkpoint: 'six' }));
      await bench.store().clear(nodeId);
      const slice = await bench.store().read(nodeId, { from: { tail: 10 }, limit: 10 });
      expect(slice).toMatchObject({ epoch, cleared: true, lines: [], expired: false });
      expect(await bench.store().append(batchOf({ nodeId, epoch }, 7, [logLine(7)]))).toEqual({
        kind: 'cleared',
      });
      const again = await claimed(bench.store(), nodeId);
      expect(again).toMatchObject({ lastSeq: 0, checkpoint: 'six' });
      expect(again.epoch).not.toBe(epoch);
      const begun = await bench.store().read(nodeId, { from: { tail: 10 }, limit: 10 });
      expect(begun).toMatchObject({ epoch: again.epoch, cleared: false, began: 'cleared', lastSeq: 0 });
    });

    it('may be asked for twice, and for a log that is not there', async () => {
      const { nodeId } = await bench.logOf(1);
      await bench.store().clear(nodeId);
      await bench.store().clear(nodeId);
      await bench.store().clear(randomUUID());
      expect((await bench.store().read(nodeId, { from: { tail: 1 }, limit: 1 })).cleared).toBe(true);
    });
  });

  describe('changed', () => {
    const NONE = { epoch: undefined, lastSeq: 0 };

    it('names exactly the logs whose position differs from the one that the caller has', async () => {
      const [same, behind, ahead, other, cleared, begun] = await Promise.all(
        [3, 3, 3, 3, 3, 0].map((count) => bench.logOf(count)),
      );
      if (!same || !behind || !ahead || !other || !cleared || !begun) throw new Error('no logs');
      const unknown = randomUUID();
      await bench.store().clear(cleared.nodeId);
      const changed = await bench.store().changed([
        { ...same, lastSeq: 3 },
        { ...behind, lastSeq: 2 },
        { ...ahead, lastSeq: 4 },
        { nodeId: other.nodeId, epoch: 'f'.repeat(16), lastSeq: 3 },
        { ...cleared, lastSeq: 3 },
        { nodeId: begun.nodeId, ...NONE },
        { nodeId: unknown, ...NONE },
        { nodeId: randomUUID(), epoch: same.epoch, lastSeq: 1 },
      ]);
      expect(changed).toEqual(
        expect.arrayContaining([behind.nodeId, ahead.nodeId, other.nodeId, cleared.nodeId, begun.nodeId]),
      );
      expect(changed).toHaveLength(6);
      expect(changed).not.toContain(unknown);
      expect(await bench.store().changed([{ nodeId: cleared.nodeId, ...NONE }])).toEqual([]);
      expect(await bench.store().changed([])).toEqual([]);
    });

    it('finds the one among 1,200 watched logs that has moved', async () => {
      const { nodeId, epoch } = await bench.logOf(2);
      const kept = await bench.store().subscribe(nodeId, () => undefined);
      const others = Array.from({ length: 1_199 }, () => ({ nodeId: randomUUID(), ...NONE }));
      const positions = [...others.slice(0, 900), { nodeId, epoch, lastSeq: 2 }, ...others.slice(900)];
      expect(await bench.store().changed(positions)).toEqual([]);
      await bench.store().append(batchOf({ nodeId, epoch }, 3, [logLine(3)]));
      expect(await bench.store().changed(positions)).toEqual([nodeId]);
      await kept.close();
    });
  });

  describe('announcements', () => {
    it('announces every append to every subscriber in order, and nothing that was refused', async () => {
      const { nodeId, epoch } = await bench.logOf(2);
      const heard: LogSignal[][] = [[], []];
      const subscriptions = await Promise.all(
        heard.map((signals) => bench.store().subscribe(nodeId, (signal) => signals.push(signal))),
      );
      await bench.store().append(batchOf({ nodeId, epoch }, 3, logLines(3, 4)));
      await bench.store().append(batchOf({ nodeId, epoch }, 3, logLines(3, 4)));
      await bench.store().append(batchOf({ nodeId, epoch }, 9, [logLine(9)]));
      await bench.store().append(batchOf({ nodeId, epoch }, 5, [logLine(5)]));
      await bench.store().clear(nodeId);
      const expected: LogSignal[] = [
        { kind: 'appended', epoch, firstSeq: 3, lines: logLines(3, 4) },
        { kind: 'appended', epoch, firstSeq: 5, lines: [logLine(5)] },
        { kind: 'cleared' },
      ];
      await expect.poll(() => heard).toEqual([expected, expected]);
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    });

    it('announces no other log, and nothing after the end of the subscription', async () => {
      const one = await bench.logOf(0);
      const other = await bench.logOf(0);
      const heard: LogSignal[] = [];
      const subscription = await bench.store().subscribe(one.nodeId, (signal) => heard.push(signal));
      const kept = await bench.store().subscribe(one.nodeId, () => undefined);
      await bench.store().append(batchOf(other, 1, [logLine(1)]));
      await bench.store().append(batchOf(one, 1, [logLine(1)]));
      await expect.poll(() => heard.length).toBe(1);
      await subscription.close();
      await subscription.close();
      await bench.store().append(batchOf(one, 2, [logLine(2)]));
      await bench.store().ping();
      expect(heard).toHaveLength(1);
      await kept.close();
    });
  });

  describe('opened again over the same data', () => {
    it('finds the log as it was', async () => {
      const first = await bench.rig().open({ maxEntries: 10 });
      const { nodeId, epoch } = await bench.logOf(25, first);
      await first.append(batchOf({ nodeId, epoch }, 26, [logLine(26)], { checkpoint: 'c' }));
      const before = await first.read(nodeId, { from: { tail: 100 }, limit: 100 });
      const second = await bench.rig().reopen(first, { maxEntries: 10 });
      expect(await second.read(nodeId, { from: { tail: 100 }, limit: 100 })).toEqual(before);
      expect(await claimed(second, nodeId, 2)).toMatchObject({ epoch, lastSeq: 26, checkpoint: 'c' });
      const next = batchOf({ nodeId, epoch, attempt: 2 }, 27, [terminalLine(27)], { terminal: true });
      expect(await second.append(next)).toEqual({ kind: 'appended' });
      const third = await bench.rig().reopen(second);
      expect(await third.read(nodeId, { from: { tail: 1 }, limit: 1 })).toMatchObject({ closed: true });
      await third.close();
    });

    it('still knows that it was cleared', async () => {
      const first = await bench.rig().open();
      const { nodeId, epoch } = await bench.logOf(3, first);
      await first.clear(nodeId);
      const second = await bench.rig().reopen(first);
      expect(await second.append(batchOf({ nodeId, epoch }, 4, [logLine(4)]))).toEqual({ kind: 'cleared' });
      await second.close();
    });
  });
}
