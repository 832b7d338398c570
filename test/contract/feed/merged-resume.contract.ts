import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  encodeHeader,
  encodeNode,
  formatMergedCursor,
  parseMergedCursor,
} from '@launchlog/server/merged-feed/merged-cursor';
import type { LogRig } from '../../support/log/log-rigs.js';
import { MergedBench } from '../../support/log/merged-bench.js';
import { MergedProbe } from '../../support/log/merged-probe.js';

/** More than the cursors of 0.1.0 have room for. */
const NODES = 80;

/** How a reader of many logs continues where it was, and what it learns at its beginning, on any store. */
export function describeMergedResume(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`merged streams that continue, over the log store ${name}`, () => {
    let rig: LogRig;
    let bench: MergedBench;

    beforeAll(async () => void (rig = await makeRig()));
    afterAll(() => rig.close());
    beforeEach(async () => void (bench = new MergedBench(await rig.open())));
    afterEach(() => bench.close());

    const attach = (options = {}) => MergedProbe.attach(bench.merged, options);

    it('resumes in another process at each of its places, in logs of which there are many, by short cursors', async () => {
      const nodes: string[] = [];
      for (let count = 0; count < NODES; count += 1) nodes.push(await bench.launch({ lines: 1 }));
      const probe = attach({ tail: 10_000 });
      await expect.poll(() => probe.entries.length).toBe(NODES);
      for (const node of nodes) await bench.write(node, 1);
      await expect.poll(() => probe.entries.length).toBe(2 * NODES);
      expect(Math.max(...probe.items.map(({ cursor }) => cursor.length))).toBeLessThanOrEqual(64);
      probe.close();
      const other = bench.beside(await rig.open());
      const places = [1, 40, NODES, NODES + 1, 2 * NODES - 1];
      const resumed = places.map((count) =>
        MergedProbe.attach(other.merged, { cursor: probe.cursorAfter(count) }),
      );
      const rest = places.map((count) => probe.entries.slice(count).toSorted());
      await expect
        .poll(() => resumed.map(({ entries }) => entries.length))
        .toEqual(rest.map(({ length }) => length));
      expect(resumed.map(({ entries }) => entries.toSorted())).toEqual(rest);
      expect(resumed.flatMap(({ notices }) => notices)).toEqual([]);
      await other.close();
    });

    it('accepts the cursors of 0.1.0, which hold the position themselves', async () => {
      const [one, other] = [await bench.launch({ lines: 5 }), await bench.launch({ lines: 3 })];
      const { epoch = '' } = await bench.store.read(one, { from: { tail: 1 }, limit: 1 });
      const header = encodeHeader({}, { bornAtMs: Date.now(), markMs: 0 });
      const probe = attach({ cursor: formatMergedCursor(header, [encodeNode(one, `${epoch}:3`)]) });
      await expect.poll(() => probe.entries.length).toBe(5);
      expect(probe.entries.toSorted()).toEqual(
        [...bench.entries(one, 4, 5), ...bench.entries(other, 1, 3)].toSorted(),
      );
    });

    it('reports a place that the store has lost, and begins again', async () => {
      const one = await bench.launch({ lines: 5 });
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(5);
      const resume = parseMergedCursor({}, probe.cursor);
      if (resume?.kind !== 'saved') throw new Error('not a place');
      await bench.store.positions.remove(resume.name);
      const again = attach({ cursor: probe.cursor, tail: 2 });
      await expect.poll(() => again.entries).toEqual(bench.entries(one, 4, 5));
      expect(again.notices).toEqual(['place_lost']);
    });

    it('announces its history to a reader that asks for it: before the first line, and after the last', async () => {
      const [one, other] = [await bench.launch({ lines: 20 }), await bench.launch({ lines: 20 })];
      const probe = attach({ tail: 30, announceHistory: true });
      await expect.poll(() => probe.history).toEqual(['history_loading 2', 'history_complete 30']);
      expect(probe.items[0]?.kind).toBe('notice');
      await bench.write(one, 1);
      await expect.poll(() => probe.entries.length).toBe(31);
      const kinds = probe.items.map(({ kind }) => kind);
      expect(kinds.lastIndexOf('notice')).toBeLessThan(kinds.length - 1);
      const resumed = attach({ cursor: probe.cursorAfter(30), announceHistory: true });
      await expect.poll(() => resumed.history).toEqual(['history_loading 2', 'history_complete 1']);
      const silent = attach({ tail: 0, announceHistory: true });
      await expect.poll(() => silent.history.at(-1)).toEqual('history_complete 0');
      await bench.write(other, 1);
      await expect.poll(() => silent.entries).toEqual([`${other}:21`]);
      expect(attach().history).toEqual([]);
    });
  });
}
