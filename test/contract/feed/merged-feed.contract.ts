import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { itemBytes } from '@launchlog/server/feed/feed-item';
import { MERGED_QUEUE_BYTES } from '@launchlog/server/merged-feed/merged-budget';
import { MERGED_NODES_MAX } from '@launchlog/shared/merged-log';
import type { LogRig } from '../../support/log/log-rigs.js';
import { MergedBench } from '../../support/log/merged-bench.js';
import { MergedProbe } from '../../support/log/merged-probe.js';

const LOG_MAX_BYTES = 8 * 1024 * 1024;
const WHILE_MUCH_IS_READ = { interval: 1 };

/** How the logs of many nodes become one stream, on any store. */
export function describeMergedFeed(name: string, makeRig: () => Promise<LogRig>): void {
  describe(`merged streams over the log store ${name}`, () => {
    let rig: LogRig;
    let bench: MergedBench;

    beforeAll(async () => void (rig = await makeRig()));
    afterAll(() => rig.close());
    beforeEach(async () => void (bench = new MergedBench(await rig.open({ maxBytes: LOG_MAX_BYTES }))));
    afterEach(() => bench.close());

    const attach = (options = {}) => MergedProbe.attach(bench.merged, options);

    it('merges history by time and keeps the order of each node', async () => {
      const [one, other] = [await bench.launch(), await bench.launch()];
      for (let round = 0; round < 30; round += 1) {
        await bench.write(one, 1);
        await bench.write(other, 2);
      }
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(90);
      expect(probe.times).toEqual(probe.times.toSorted());
      expect(probe.entries.filter((entry) => entry.startsWith(one))).toEqual(bench.entries(one, 1, 30));
      expect(probe.entries.filter((entry) => entry.startsWith(other))).toEqual(bench.entries(other, 1, 60));
    });

    it('counts the tail over all nodes together', async () => {
      const [one, other] = [await bench.launch({ lines: 400 }), await bench.launch({ lines: 20 })];
      await bench.write(one, 5);
      const probe = attach({ tail: 30 });
      await expect.poll(() => probe.entries.length).toBe(30);
      await bench.write(other, 1);
      await expect.poll(() => probe.entries.length).toBe(31);
      expect(probe.entries).toEqual([
        ...bench.entries(one, 396, 400),
        ...bench.entries(other, 1, 20),
        ...bench.entries(one, 401, 405),
        `${other}:21`,
      ]);
    });

    it('counts only what matches the filter', async () => {
      const one = await bench.launch({ lines: 300 });
      await bench.write(one, 1, { message: 'needle 1' });
      await bench.write(one, 300);
      const other = await bench.launch({ lines: 3 });
      await bench.write(other, 1, { message: 'Needle 2' });
      const probe = attach({ q: 'needle', tail: 2 });
      await expect.poll(() => probe.entries).toEqual([`${one}:301`, `${other}:4`]);
      await bench.write(one, 1);
      await bench.write(one, 1, { message: 'a needle again' });
      await expect.poll(() => probe.entries).toEqual([`${one}:301`, `${other}:4`, `${one}:603`]);
    });

    it('lets nodes that join later join the stream, from their first line', async () => {
      const one = await bench.launch({ lines: 2 });
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(2);
      const late = await bench.launch({ lines: 3, ageMs: 0 });
      await expect.poll(() => probe.entries.length).toBe(5);
      await bench.write(one, 1);
      await expect.poll(() => probe.entries.at(-1)).toBe(`${one}:3`);
      expect(probe.entries.slice(2, 5)).toEqual(bench.entries(late, 1, 3));
    });

    it('reads the nodes of the deployment and no others', async () => {
      const mine = await bench.launch({ lines: 2, deploymentId: 'mine' });
      await bench.launch({ lines: 2, deploymentId: 'other' });
      await bench.launch({ lines: 2 });
      const probe = attach({ scope: { deploymentId: 'mine' } });
      await expect.poll(() => probe.entries).toEqual(bench.entries(mine, 1, 2));
      const late = await bench.launch({ lines: 1, deploymentId: 'mine', ageMs: 0 });
      await bench.launch({ lines: 1, deploymentId: 'other', ageMs: 0 });
      await expect.poll(() => probe.entries.length).toBe(3);
      expect(probe.entries.at(-1)).toBe(`${late}:1`);
    });

    it('resumes at each place with exactly what comes after it', async () => {
      const [one, other] = [await bench.launch(), await bench.launch()];
      for (let round = 0; round < 10; round += 1) {
        await bench.write(one, 1);
        await bench.write(other, 1);
      }
      await bench.finish(one);
      const first = attach();
      await expect.poll(() => first.entries.length).toBe(21);
      const late = await bench.launch({ lines: 2, ageMs: 0 });
      await expect.poll(() => first.entries.length).toBe(23);
      const resumed = Array.from({ length: 23 }, (_, index) =>
        attach({ cursor: first.cursorAfter(index + 1) }),
      );
      await bench.write(other, 1);
      const last = [...first.entries.slice(0, 23), `${other}:11`];
      await expect
        .poll(() => resumed.map(({ entries }) => entries.toSorted()))
        .toEqual(resumed.map((_, index) => last.slice(index + 1).toSorted()));
      expect(last).toContain(`${late}:2`);
    });

    it('reports the end of each node once, with its node, and not again after a resume', async () => {
      const [one, other] = [await bench.launch({ lines: 2 }), await bench.launch({ lines: 2 })];
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(4);
      await bench.finish(one);
      await expect.poll(() => probe.ofKind('done').map(({ nodeId }) => nodeId)).toEqual([one]);
      expect(probe.ended).toBeUndefined();
      const again = attach({ cursor: probe.cursor });
      await bench.write(other, 1);
      await expect.poll(() => again.entries).toEqual([`${other}:3`]);
      expect(again.ofKind('done')).toEqual([]);
    });

    it('reports a gap with its node, and continues', async () => {
      const one = await bench.launch({ lines: 10 });
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(10);
      probe.close();
      await bench.write(one, 2_500);
      const again = attach({ cursor: probe.cursorAfter(10) });
      await expect.poll(() => again.entries.at(-1)).toBe(`${one}:2510`);
      const [gap] = again.ofKind('gap');
      expect(gap).toMatchObject({ nodeId: one, item: { gap: { from_seq: 11, reason: 'trimmed' } } });
      expect(again.entries).toEqual(bench.entries(one, (gap?.item.gap.to_seq ?? 0) + 1, 2_510));
    });

    it('reports a reset with its node when a log was cleared, and replays the new one', async () => {
      const [one, other] = [await bench.launch({ lines: 5 }), await bench.launch({ lines: 5 })];
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(10);
      await bench.store.clear(one);
      await expect.poll(() => probe.ofKind('reset').map(({ nodeId }) => nodeId)).toEqual([one]);
      await bench.write(other, 1);
      await expect.poll(() => probe.entries.at(-1)).toBe(`${other}:6`);
    });

    it('waits for a slow reader, and loses, repeats or accumulates nothing', async () => {
      const nodes = await Promise.all([1, 2, 3].map(() => bench.launch({ lines: 600 })));
      const probe = attach({ room: 1, tail: 10_000 });
      await expect.poll(() => probe.items.length).toBeGreaterThan(0);
      for (const node of nodes) await bench.write(node, 600);
      const before = probe.items.length;
      // A reader that came later and has room gets all of it meanwhile.
      const quick = attach({ tail: 10_000 });
      await expect.poll(() => quick.entries.length).toBe(3_600);
      expect(probe.items.length).toBe(before);
      while (probe.entries.length < 3_600) {
        probe.makeRoom(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const node of nodes) {
        expect(probe.entries.filter((entry) => entry.startsWith(node))).toEqual(
          bench.entries(node, 1, 1_200),
        );
      }
    });

    it('holds few bytes for a slow reader, however long the lines, and gives it each of them in order', async () => {
      const lines = 40;
      const long = { message: 'x'.repeat(60_000) };
      const nodes = await Promise.all(Array.from({ length: 12 }, () => bench.launch()));
      for (const node of nodes) await bench.write(node, lines, long);
      const probe = attach({ room: 1, tail: 10_000 });
      await expect.poll(() => probe.items.length, WHILE_MUCH_IS_READ).toBeGreaterThan(0);
      for (const node of nodes) await bench.write(node, 1, long);
      await bench.finish(nodes[0] ?? '');
      let most = 0;
      let largest = 0;
      for (const total = nodes.length * (lines + 1) + 1; probe.entries.length < total;) {
        const before = probe.items.length;
        probe.makeRoom(1);
        await expect.poll(() => probe.items.length, WHILE_MUCH_IS_READ).toBeGreaterThan(before);
        most = Math.max(most, bench.merged.heldBytes);
        const batch = probe.nodeItems.slice(before);
        largest = Math.max(
          largest,
          batch.reduce((sum, { item }) => sum + itemBytes(item), 0),
        );
      }
      expect(most).toBeGreaterThan(MERGED_QUEUE_BYTES / 4);
      expect(most).toBeLessThan(MERGED_QUEUE_BYTES + nodes.length * 64 * 1024);
      expect(largest).toBeLessThan(2 * 256 * 1024);
      for (const [index, node] of nodes.entries()) {
        const last = lines + 1 + (index === 0 ? 1 : 0);
        expect(probe.entries.filter((entry) => entry.startsWith(node))).toEqual(bench.entries(node, 1, last));
      }
      await expect.poll(() => probe.ofKind('done').map(({ nodeId }) => nodeId)).toEqual([nodes[0]]);
      expect(bench.merged.heldBytes).toBe(0);
    });

    it('ends, if it does not follow, when everything was sent, and can be continued from there', async () => {
      const [one, other] = [await bench.launch({ lines: 3 }), await bench.launch({ lines: 3 })];
      await bench.finish(other);
      const probe = attach({ follow: false });
      await expect.poll(() => probe.ended).toBe('done');
      expect(probe.entries.length).toBe(7);
      expect(probe.items.at(-1)?.kind).toBe('end');
      expect(probe.ofKind('done').map(({ item }) => item.final)).toContain(false);
      await bench.write(one, 2);
      const next = attach({ follow: false, cursor: probe.cursor });
      await expect.poll(() => next.ended).toBe('done');
      expect(next.entries).toEqual(bench.entries(one, 4, 5));
    });

    it('ends at once without following when there is no node', async () => {
      const probe = attach({ follow: false, scope: { deploymentId: 'none' } });
      await expect.poll(() => probe.ended).toBe('done');
      expect(probe.items.map(({ kind }) => kind)).toEqual(['end']);
    });

    it('reads a bounded number of logs at once, and the next ones as these end', async () => {
      // Most of them have no log yet.
      for (let count = 0; count < MERGED_NODES_MAX - 20; count += 1) {
        bench.members.add({ createdAtMs: Date.now() - 200_000 });
      }
      const nodes: string[] = [];
      for (let count = 0; count < 26; count += 1) {
        nodes.push(await bench.launch({ lines: 1, ageMs: 120_000 - count }));
      }
      const probe = attach({ tail: 10_000 });
      await expect.poll(() => probe.entries.length).toBe(20);
      expect(new Set(probe.entries)).toEqual(new Set(nodes.slice(0, 20).map((node) => `${node}:1`)));
      await expect.poll(() => probe.beyond).toEqual([6]);
      const cut = probe.cursor;
      for (const node of nodes.slice(10, 20)) await bench.finish(node);
      await expect.poll(() => probe.entries.length).toBe(20 + 6 + 10);
      expect(new Set(probe.entries).size).toBe(probe.entries.length);
      await expect.poll(() => probe.beyond.at(-1)).toBe(0);
      const resumed = attach({ cursor: cut });
      await expect.poll(() => resumed.entries.length).toBe(16);
      expect(resumed.entries.toSorted()).toEqual(probe.entries.slice(20).toSorted());
    });

    it('reports the exact number of live nodes that it does not show, also of very many', async () => {
      for (let count = 0; count < 4 * MERGED_NODES_MAX; count += 1) bench.members.add();
      const probe = attach();
      await expect.poll(() => probe.beyond).toEqual([3 * MERGED_NODES_MAX]);
    });

    it('continues when the registry is back', async () => {
      bench.members.away = true;
      const one = await bench.launch({ lines: 2 });
      const probe = attach();
      await expect.poll(() => probe.notices).toEqual(['node_store_unavailable']);
      bench.members.away = false;
      await expect.poll(() => probe.entries).toEqual(bench.entries(one, 1, 2));
      expect(probe.notices).toEqual(['node_store_unavailable', 'node_store_back']);
    });

    it('refuses a cursor of another stream, and text that is no cursor', () => {
      const probe = attach({ scope: { deploymentId: 'mine' }, follow: false });
      return expect
        .poll(() => probe.ended)
        .toBe('done')
        .then(() => {
          expect(() => attach({ cursor: probe.cursor })).toThrow(
            "'cursor' must be a cursor from an earlier answer",
          );
          expect(() => attach({ cursor: `${probe.cursor}AAAA` })).toThrow("'cursor'");
          expect(() => attach({ cursor: 'AQ' })).toThrow("'cursor'");
        });
    });

    it('lets no caller take all the streams there are', async () => {
      await bench.launch({ lines: 1 });
      const own = Array.from({ length: 250 }, () => attach({ caller: 'greedy' }));
      expect(() => attach({ caller: 'greedy' })).toThrow('one caller may have 250 streams');
      const other = attach({ caller: 'other' });
      await expect.poll(() => other.entries.length).toBe(1);
      own[0]?.close();
      attach({ caller: 'greedy' });
    });

    it('asks every reader to reconnect when it drains, and leaves nothing behind', async () => {
      await bench.launch({ lines: 1 });
      const probe = attach();
      await expect.poll(() => probe.entries.length).toBe(1);
      bench.merged.drain();
      expect(probe.ended).toBe('draining');
      expect(bench.merged.size).toBe(0);
      expect(bench.feed.counts.readers).toBe(0);
      expect(bench.members.listeners).toBe(0);
    });
  });
}
