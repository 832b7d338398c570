import { expect, test } from 'vitest';
import { DeliveryTurns } from '@launchlog/server/feed/delivery-turns';
import { TurnDeliveries } from '@launchlog/server/feed/turn-deliveries';
import { FakeClock } from '../../../support/fake/fake-clock.js';

function begin() {
  const clock = new FakeClock();
  const turns = new DeliveryTurns(clock);
  const reported: [entries: number, lagMs: number][] = [];
  const meter = { delivered: (entries: number, lagMs: number) => void reported.push([entries, lagMs]) };
  const deliveries = new TurnDeliveries({ meter, clock, turns });
  const ago = (ms: number) => new Date(clock.now() - ms).toISOString();
  return { turns, deliveries, reported, ago };
}

test('what is delivered in one turn is reported once, with the longest delay', async () => {
  const { turns, deliveries, reported, ago } = begin();
  turns.join(() => deliveries.add(2, ago(5)));
  turns.join(() => deliveries.add(3, ago(40)));
  turns.join(() => deliveries.add(1, ago(7)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(reported).toEqual([[6, 40]]);
  turns.join(() => deliveries.add(1, ago(1)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(reported).toEqual([
    [6, 40],
    [1, 1],
  ]);
});

test('what is delivered outside of turns is reported at once', () => {
  const { deliveries, reported, ago } = begin();
  deliveries.add(2, ago(9));
  deliveries.add(1, ago(3));
  expect(reported).toEqual([
    [2, 9],
    [1, 3],
  ]);
});
