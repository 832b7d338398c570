import { expect, test } from 'vitest';
import { LookBack } from '@launchlog/server/wait/look-back';
import { FakeClock } from '../../../support/fake-clock.js';

const MINUTE_MS = 60_000;
const WHOLE_MS = 24 * 60 * MINUTE_MS;
const OVERLAP_MS = 10 * MINUTE_MS;

function looks() {
  const clock = new FakeClock();
  const lookBack = new LookBack({ clock, wholeMs: WHOLE_MS });
  const look = (succeeds = true) => {
    const { withinMs, succeeded } = lookBack.begin();
    if (succeeds) succeeded();
    return withinMs;
  };
  return { clock, lookBack, look };
}

test('the first look goes all the way back, later ones to the one before them, with an overlap', async () => {
  const { clock, look } = looks();
  expect(look()).toBe(WHOLE_MS);
  expect(look()).toBe(OVERLAP_MS);
  await clock.advance(5 * MINUTE_MS);
  expect(look()).toBe(OVERLAP_MS + 5 * MINUTE_MS);
});

test('a look that failed is made up for by the next one', async () => {
  const { clock, lookBack, look } = looks();
  expect(look(false)).toBe(WHOLE_MS);
  expect(look()).toBe(WHOLE_MS);
  await clock.advance(MINUTE_MS);
  expect(look(false)).toBe(OVERLAP_MS + MINUTE_MS);
  await clock.advance(MINUTE_MS);
  expect(look()).toBe(OVERLAP_MS + 2 * MINUTE_MS);
  lookBack.forget();
  expect(look()).toBe(WHOLE_MS);
  expect(look()).toBe(OVERLAP_MS);
});

test('every hour a look goes all the way back, and none goes further', async () => {
  const { clock, look } = looks();
  look();
  await clock.advance(59 * MINUTE_MS);
  expect(look()).toBe(OVERLAP_MS + 59 * MINUTE_MS);
  await clock.advance(MINUTE_MS);
  expect(look()).toBe(WHOLE_MS);
});
