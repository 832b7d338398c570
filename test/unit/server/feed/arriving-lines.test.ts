import { expect, test } from 'vitest';
import { ArrivingLines, type AppendedLines } from '@launchlog/server/feed/arriving-lines';
import { DeliveryTurns } from '@launchlog/server/feed/delivery-turns';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const EPOCH = 'a'.repeat(16);
const BOUND = 256 * 1024;

function start() {
  const batches: AppendedLines[] = [];
  const arriving = new ArrivingLines(new DeliveryTurns(new FakeClock()), (batch) => batches.push(batch));
  const add = (firstSeq: number, lines: readonly string[], epoch = EPOCH) =>
    arriving.add({ kind: 'appended', epoch, firstSeq, lines });
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
  return { batches, arriving, add, nextTurn };
}

test('lines that follow each other in one turn are one batch', async () => {
  const { batches, add, nextTurn } = start();
  add(1, ['a']);
  add(2, ['b', 'c']);
  add(4, ['d']);
  expect(batches).toEqual([]);
  await nextTurn();
  expect(batches).toEqual([{ kind: 'appended', epoch: EPOCH, firstSeq: 1, lines: ['a', 'b', 'c', 'd'] }]);
  await nextTurn();
  expect(batches).toHaveLength(1);
});

test.each([
  { title: 'leave a hole', second: [5, EPOCH] as const },
  { title: 'were announced before', second: [1, EPOCH] as const },
  { title: 'are of another epoch', second: [2, 'b'.repeat(16)] as const },
])('lines that $title are a batch of their own, after the one before', async ({ second: [seq, epoch] }) => {
  const { batches, add, nextTurn } = start();
  add(1, ['a']);
  add(seq, ['b'], epoch);
  await nextTurn();
  expect(batches.map(({ epoch: of, firstSeq, lines }) => [of, firstSeq, lines])).toEqual([
    [EPOCH, 1, ['a']],
    [epoch, seq, ['b']],
  ]);
});

test('a batch is bounded in bytes: what fills it does not wait for the end of the turn', async () => {
  const { batches, add, nextTurn } = start();
  const line = 'x'.repeat(1_024);
  const count = BOUND / line.length + 10;
  for (let seq = 1; seq <= count; seq += 1) add(seq, [line]);
  expect(batches.map(({ lines }) => lines.length)).toEqual([BOUND / line.length]);
  await nextTurn();
  expect(batches.flatMap(({ lines }) => lines)).toHaveLength(count);
});

test('what is delivered by hand is not delivered again at the end of the turn', async () => {
  const { batches, arriving, add, nextTurn } = start();
  add(1, ['a']);
  arriving.deliver();
  expect(batches).toHaveLength(1);
  await nextTurn();
  expect(batches).toHaveLength(1);
});
