import { expect, test } from 'vitest';
import { mergeByTime } from '@launchlog/sdk/cli/follow/merge-by-time';

async function* log(...seconds: readonly number[]) {
  for (const second of seconds) yield { timestamp: new Date(second * 1_000).toISOString() };
}

async function merged(...logs: readonly (readonly number[])[]): Promise<string[]> {
  const order: string[] = [];
  for await (const { index, item } of mergeByTime(logs.map((seconds) => log(...seconds)))) {
    order.push(`${index}@${Date.parse(item.timestamp) / 1_000}`);
  }
  return order;
}

test('entries of several logs come in the order of time, equal ones in the order of the logs', async () => {
  expect(await merged([1, 4, 9], [], [2, 4], [3])).toEqual(['0@1', '2@2', '3@3', '0@4', '2@4', '0@9']);
});

test('a log whose times run backwards keeps its own order', async () => {
  expect(await merged([5, 1, 6], [2])).toEqual(['1@2', '0@5', '0@1', '0@6']);
});

test('as many logs as a deployment has come in order', async () => {
  const logs = Array.from({ length: 300 }, (_, index) => [index, index + 1_000, index * 7 + 2_000]);
  const times = (await merged(...logs)).map((each) => Number(each.split('@')[1]));
  expect(times).toHaveLength(900);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});
