import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseMergedCursor } from '@launchlog/server/merged-feed/merged-cursor';
import { SavedPosition } from '@launchlog/server/merged-feed/saved-position';
import { MergedPositions } from '@launchlog/server/merged-feed/merged-positions';
import { readPosition } from '@launchlog/server/merged-feed/position-record';
import { MemoryPositions } from '../../../support/fake/memory-positions.js';

const EPOCH = '0123456789abcdef';

describe('the position of a reader of many logs', () => {
  let store: MemoryPositions;
  let positions: MergedPositions;
  let saved: SavedPosition;

  beforeEach(() => {
    store = new MemoryPositions();
    positions = new MergedPositions({ bornAtMs: 0, markMs: 0 });
    saved = new SavedPosition({ store, scope: {}, cursor: undefined });
  });

  const admit = (nodes: number): string[] =>
    Array.from({ length: nodes }, () => {
      const nodeId = randomUUID();
      positions.admit({ nodeId, createdAtMs: 1 }, `${EPOCH}:0`);
      return nodeId;
    });

  const move = (nodeId: string, seq: number) => {
    const before = positions.cursorOf(nodeId);
    const cursor = `${EPOCH}:${seq}`;
    positions.move(nodeId, cursor);
    return { nodeId, cursor, before };
  };

  /** Where a server that gets this cursor would continue in a log. */
  const foundBy = (cursor: string, nodeId: string): string | undefined => {
    const resume = parseMergedCursor({}, cursor);
    if (resume?.kind === 'position') return resume.position.nodes.get(nodeId);
    if (resume?.kind !== 'saved') return undefined;
    const bytes = store.records.get(resume.name);
    return bytes && readPosition({}, Buffer.from(bytes), resume.steps)?.position.nodes.get(nodeId);
  };

  it('is a few characters, and each cursor is the position after its own item', async () => {
    const [one = '', other = ''] = admit(1_000);
    await saved.save(positions, [move(one, 1)]);
    const cursorAfter = await saved.save(positions, [move(other, 1), move(one, 2), move(one, 3)]);
    const cursors = [0, 1, 2, 3].map(cursorAfter);
    expect(Math.max(...cursors.map(({ length }) => length))).toBeLessThanOrEqual(24);
    expect(cursors.map((cursor) => foundBy(cursor, one))).toEqual(
      [1, 1, 2, 3].map((seq) => `${EPOCH}:${seq}`),
    );
    expect(cursors.map((cursor) => foundBy(cursor, other))).toEqual(
      [0, 1, 1, 1].map((seq) => `${EPOCH}:${seq}`),
    );
  });

  it('continues in another record when the answer to an append was lost, and both stay right', async () => {
    const [one = ''] = admit(100);
    const first = await saved.save(positions, [move(one, 1)]);
    store.deaf = true;
    const moves = [move(one, 2)];
    await expect(saved.save(positions, moves)).rejects.toThrow('no answer');
    store.deaf = false;
    const second = await saved.save(positions, moves);
    expect(foundBy(first(1), one)).toBe(`${EPOCH}:1`);
    expect(foundBy(second(0), one)).toBe(`${EPOCH}:1`);
    expect(foundBy(second(1), one)).toBe(`${EPOCH}:2`);
  });

  it('is in the cursors themselves, as long as they have room for it, while the store takes nothing', async () => {
    const [one = '', other = ''] = admit(64);
    store.away = true;
    const cursorAfter = await saved.save(positions, [move(one, 1), move(other, 1)]);
    expect([0, 1, 2].map((count) => foundBy(cursorAfter(count), one))).toEqual(
      [0, 1, 1].map((seq) => `${EPOCH}:${seq}`),
    );
    admit(1);
    await expect(saved.save(positions, [move(one, 2)])).rejects.toThrow('away');
  });

  it('knows nodes that came and were given up since the last item', async () => {
    const [one = ''] = admit(1);
    await saved.save(positions, [move(one, 1)]);
    const [late = ''] = admit(1);
    const cursorAfter = await saved.save(positions, [move(late, 1)]);
    positions.giveUp(late);
    const next = await saved.save(positions, [move(one, 2), move(one, 3)]);
    // Before its first item it does not have to be listed: a server that continues there admits it again.
    expect(foundBy(cursorAfter(0), late)).toBeUndefined();
    expect(foundBy(next(0), late)).toBe(`${EPOCH}:1`);
    const after = await saved.save(positions, [move(one, 4)]);
    expect(foundBy(after(1), late)).toBe(`${EPOCH}:1:done`);
  });

  it('begins a new record in time, and keeps the last ones', async () => {
    const [one = ''] = admit(1);
    const cursors: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const from = round * 33_000;
      const moves = Array.from({ length: 33_000 }, (_, index) => move(one, from + index + 1));
      cursors.push((await saved.save(positions, moves))(1_000));
    }
    expect(store.records.size).toBe(8);
    expect(foundBy(cursors.at(-8) ?? '', one)).toBe(`${EPOCH}:${4 * 33_000 + 1_000}`);
    expect(foundBy(cursors[0] ?? '', one)).toBeUndefined();
    saved.close();
    await expect.poll(() => store.records.size).toBe(2);
    expect(foundBy(cursors.at(-2) ?? '', one)).toBe(`${EPOCH}:${10 * 33_000 + 1_000}`);
  });
});
