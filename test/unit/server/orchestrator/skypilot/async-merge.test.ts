import { describe, expect, test } from 'vitest';
import { mergeAsync } from '@launchlog/server/orchestrator/skypilot/async-merge';
import { collect } from '../../../../support/collect.js';

const never = new AbortController().signal;

async function* of(...items: readonly number[]): AsyncGenerator<number> {
  yield* items;
}

/** Yields nothing until its signal is aborted. */
async function* silent(signal: AbortSignal): AsyncGenerator<number> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
  yield* of();
}

describe('mergeAsync', () => {
  test('yields everything, each source in its own order, and ends when all have ended', async () => {
    const merged = await collect(mergeAsync([() => of(1, 2, 3), () => of(11, 12)], never));
    expect(merged.filter((item) => item < 10)).toEqual([1, 2, 3]);
    expect(merged.filter((item) => item > 10)).toEqual([11, 12]);
  });

  test('a source that always has an item does not starve the others', async () => {
    async function* endless() {
      for (let item = 0; ; item += 1) yield item;
    }
    const seen: number[] = [];
    for await (const item of mergeAsync([() => endless(), () => of(-1, -2)], never)) {
      seen.push(item);
      if (item === -2) break;
    }
    expect(seen.length).toBeLessThan(20);
  });

  test('passes on the items of one source while another is silent', async () => {
    const merged = mergeAsync([silent, () => of(1, 2)], never);
    expect([(await merged.next()).value, (await merged.next()).value]).toEqual([1, 2]);
    await merged.return(undefined);
  });

  test('the rejection of a source rejects the merge and stops the others', async () => {
    let stopped = false;
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    }
    async function* watched(signal: AbortSignal): AsyncGenerator<number> {
      yield* silent(signal);
      stopped = true;
    }
    await expect(collect(mergeAsync([failing, watched], never))).rejects.toThrow('broken');
    expect(stopped).toBe(true);
  });

  test('a reader that leaves early stops the sources and waits for their end', async () => {
    let ended = false;
    async function* watched(signal: AbortSignal): AsyncGenerator<number> {
      try {
        yield* silent(signal);
      } finally {
        ended = true;
      }
    }
    for await (const item of mergeAsync([watched, () => of(1)], never)) if (item === 1) break;
    expect(ended).toBe(true);
  });

  test('reads at most one item ahead of its reader', async () => {
    let made = 0;
    async function* counted() {
      for (;;) yield (made += 1);
    }
    const merged = mergeAsync([() => counted()], never);
    await merged.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThanOrEqual(2);
    await merged.return(undefined);
  });
});
