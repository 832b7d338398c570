import { expect, test } from 'vitest';
import { FairTurns } from '@launchlog/server/wait/fair-turns';

test('each turn of the event loop brings one piece of work, whoever asks', async () => {
  const turns = new FairTurns();
  const done: string[] = [];
  let eventLoopTurns = 0;
  const workers = ['a', 'b', 'c'].map(async (name) => {
    for (let piece = 1; piece <= 3; piece += 1) {
      await turns.turn();
      done.push(`${name}${piece}@${eventLoopTurns}`);
    }
  });
  let counting = true;
  const count = () => {
    eventLoopTurns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(workers);
  counting = false;
  expect(done.map((piece) => piece.split('@')[0])).toEqual([
    'a1',
    'b1',
    'c1',
    'a2',
    'b2',
    'c2',
    'a3',
    'b3',
    'c3',
  ]);
  const seen = done.map((piece) => piece.split('@')[1]);
  expect(new Set(seen).size).toBe(done.length);
});

test('work that begins after all other was done gets its turns as well', async () => {
  const turns = new FairTurns();
  await turns.turn();
  await new Promise((resolve) => setImmediate(resolve));
  await turns.turn();
  await expect(Promise.all([turns.turn(), turns.turn()])).resolves.toHaveLength(2);
});
