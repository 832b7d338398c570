import { describe, expect, test } from 'vitest';
import { merge } from '@launchlog/sdk/cli/follow/merge';

async function* counted(items: number, state: { ended: boolean }): AsyncGenerator<number> {
  try {
    for (let item = 1; item <= items; item += 1) yield item;
  } finally {
    state.ended = true;
  }
}

describe('several sources merged into one', () => {
  test('yield every item once, in the order of its source', async () => {
    const sources = [5, 0, 3].map((items) => counted(items, { ended: false }));
    const seen: number[][] = [[], [], []];
    for await (const { index, item } of merge(sources)) seen[index]?.push(item);
    expect(seen).toEqual([[1, 2, 3, 4, 5], [], [1, 2, 3]]);
  });

  test('all end when the loop is left', async () => {
    const states = [{ ended: false }, { ended: false }];
    for await (const _ of merge(states.map((state) => counted(1_000, state)))) break;
    expect(states).toEqual([{ ended: true }, { ended: true }]);
  });

  test('all end with the error of one source, which reaches the reader', async () => {
    const state = { ended: false };
    const broken: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broken')) }),
    };
    const read = async () => {
      for await (const _ of merge([counted(1_000_000, state), broken]));
    };
    await expect(read()).rejects.toThrow('broken');
    expect(state.ended).toBe(true);
  });

  test('are read at most one item ahead of the reader', async () => {
    let asked = 0;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: (asked += 1) }) }),
    };
    const iterator = merge([source]);
    await iterator.next();
    await iterator.next();
    expect(asked).toBe(2);
    await iterator.return();
  });
});
