import { expect, test } from 'vitest';
import { ServerClock } from '@launchlog/console/time/server-clock';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-01-01T12:00:00.400Z');
const header = (ms: number) => new Date(ms).toUTCString();

test.each([HOUR_MS, -HOUR_MS, 90_000])(
  'a clock that is off by %i ms shows the time of the server',
  (offMs) => {
    const clock = new ServerClock(() => NOW + offMs);
    clock.read(header(NOW));
    expect(Math.abs(clock.now() - NOW)).toBeLessThan(1_000);
    // Answers that were on their way for a moment do not move it.
    const before = clock.now();
    clock.read(header(NOW - 2_000));
    expect(clock.now()).toBe(before);
  },
);

test('a clock that is right stays as it is, and is right again once somebody sets it', () => {
  let offMs = 0;
  const clock = new ServerClock(() => NOW + offMs);
  clock.read(header(NOW));
  expect(clock.now()).toBe(NOW);
  offMs = HOUR_MS;
  clock.read(header(NOW));
  offMs = 0;
  clock.read(header(NOW));
  expect(clock.now()).toBe(NOW);
});

test.each([null, '', 'yesterday'])('the header %j changes nothing', (date) => {
  const clock = new ServerClock(() => NOW);
  clock.read(date);
  expect(clock.now()).toBe(NOW);
});
