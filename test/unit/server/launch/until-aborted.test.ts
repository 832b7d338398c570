import { describe, expect, it } from 'vitest';
import { untilAborted } from '@launchlog/server/launch/until-aborted';

async function collected<Item>(source: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('untilAborted', () => {
  it('passes everything on, in order, to the end', async () => {
    async function* three() {
      yield* [1, 2, 3];
    }
    expect(await collected(untilAborted(three(), new AbortController().signal))).toEqual([1, 2, 3]);
  });

  it('ends at the abort although the source hangs and does not heed it', async () => {
    const abort = new AbortController();
    async function* stuck() {
      yield 1;
      await new Promise(() => undefined);
    }
    const seen: number[] = [];
    for await (const item of untilAborted(stuck(), abort.signal)) {
      seen.push(item);
      setTimeout(() => abort.abort(), 5);
    }
    expect(seen).toEqual([1]);
  });

  it('returns the source when the reader leaves', async () => {
    let returned = false;
    async function* endless() {
      try {
        for (;;) yield 1;
      } finally {
        returned = true;
      }
    }
    for await (const _ of untilAborted(endless(), new AbortController().signal)) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(returned).toBe(true);
  });

  it('passes the error of the source on, and asks it for nothing when the abort came first', async () => {
    async function* failing() {
      yield 1;
      throw new Error('broken');
    }
    await expect(collected(untilAborted(failing(), new AbortController().signal))).rejects.toThrow('broken');
    expect(await collected(untilAborted(failing(), AbortSignal.abort()))).toEqual([]);
  });
});
