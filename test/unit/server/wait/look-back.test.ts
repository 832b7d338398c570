import { expect, test } from 'vitest';
import { LookBack } from '@launchlog/server/wait/look-back';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WHOLE_MS = 2.5 * HOUR_MS;
const OVERLAP_MS = 10 * MINUTE_MS;
const WHOLE = [
  { sinceMs: HOUR_MS },
  { sinceMs: 2 * HOUR_MS, untilMs: HOUR_MS },
  { sinceMs: WHOLE_MS, untilMs: 2 * HOUR_MS },
];

function looks() {
  const clock = new FakeClock();
  const lookBack = new LookBack({ clock, wholeMs: WHOLE_MS });
  const look = (succeeds = true) => {
    const { parts, succeeded } = lookBack.begin();
    if (succeeds) succeeded();
    return parts;
  };
  return { clock, lookBack, look };
}

test('the first look goes all the way back, hour by hour, later ones to the one before them, with an overlap', async () => {
  const { clock, look } = looks();
  expect(look()).toEqual(WHOLE);
  expect(look()).toEqual([{ sinceMs: OVERLAP_MS }]);
  await clock.advance(5 * MINUTE_MS);
  expect(look()).toEqual([{ sinceMs: OVERLAP_MS + 5 * MINUTE_MS }]);
});

test('a look over a week has few parts, which leave nothing out', () => {
  const wholeMs = 7 * 24 * HOUR_MS;
  const { parts } = new LookBack({ clock: new FakeClock(), wholeMs }).begin();
  expect(parts).toHaveLength(48);
  expect(parts.map(({ untilMs }) => untilMs)).toEqual([
    undefined,
    ...parts.slice(0, -1).map(({ sinceMs }) => sinceMs),
  ]);
  expect(parts.at(-1)?.sinceMs).toBe(wholeMs);
});

test('a look that failed is made up for by the next one', async () => {
  const { clock, lookBack, look } = looks();
  expect(look(false)).toEqual(WHOLE);
  expect(look()).toEqual(WHOLE);
  await clock.advance(MINUTE_MS);
  expect(look(false)).toEqual([{ sinceMs: OVERLAP_MS + MINUTE_MS }]);
  await clock.advance(MINUTE_MS);
  expect(look()).toEqual([{ sinceMs: OVERLAP_MS + 2 * MINUTE_MS }]);
  lookBack.forget();
  expect(look()).toEqual(WHOLE);
  expect(look()).toEqual([{ sinceMs: OVERLAP_MS }]);
});

test('every hour a look goes all the way back', async () => {
  const { clock, look } = looks();
  look();
  await clock.advance(59 * MINUTE_MS);
  expect(look().at(-1)).toEqual({ sinceMs: OVERLAP_MS + 59 * MINUTE_MS, untilMs: HOUR_MS });
  await clock.advance(MINUTE_MS);
  expect(look()).toEqual(WHOLE);
});

test('a look fills each part until nothing is missing in it, and ends early when the server stops', async () => {
  const { lookBack } = looks();
  const stopping = new AbortController();
  const filled: (readonly [number, number?])[] = [];
  const missing = [2, 1, 0, 0, 0];
  const rows = {
    fill(...part: [number, number?]) {
      filled.push(part);
      return Promise.resolve(missing.shift() ?? 1);
    },
  };
  expect(await lookBack.fill(rows, stopping.signal)).toBe(true);
  const [latest, ...others] = WHOLE.map(({ sinceMs, untilMs }) => [sinceMs, untilMs]);
  expect(filled).toEqual([latest, latest, latest, ...others]);
  missing.push(0);
  expect(await lookBack.fill(rows, stopping.signal)).toBe(false);
  expect(filled.at(-1)).toEqual([OVERLAP_MS, undefined]);
  lookBack.forget();
  stopping.abort();
  expect(await lookBack.fill(rows, stopping.signal)).toBe(false);
  expect(lookBack.begin().parts).toEqual(WHOLE);
});
