import { expect, test } from 'vitest';
import { DeliveryTurns } from '@launchlog/server/feed/delivery-turns';
import { FakeClock } from '../../../support/fake-clock.js';

/** A clock on which a delivery can take time. */
class WorkClock extends FakeClock {
  #workedMs = 0;

  work(ms: number): void {
    this.#workedMs += ms;
  }

  override monotonic(): number {
    return super.monotonic() + this.#workedMs;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('everything that joins in one turn is delivered at its end, once and in order', async () => {
  const turns = new DeliveryTurns(new FakeClock());
  const delivered: string[] = [];
  const first = () => delivered.push('first');
  turns.join(first);
  turns.join(() => delivered.push('second'));
  turns.join(first);
  expect(delivered).toEqual([]);
  await nextTurn();
  expect(delivered).toEqual(['first', 'second']);
});

test('what joins during a delivery is delivered in the next turn', async () => {
  const turns = new DeliveryTurns(new FakeClock());
  const delivered: number[] = [];
  const deliver = () => {
    if (delivered.push(delivered.length) < 3) turns.join(deliver);
  };
  turns.join(deliver);
  await nextTurn();
  expect(delivered).toEqual([0]);
  await nextTurn();
  await nextTurn();
  expect(delivered).toEqual([0, 1, 2]);
});

test('a delivery without cost adds no wait to the next one', async () => {
  const clock = new WorkClock();
  const turns = new DeliveryTurns(clock);
  let deliveries = 0;
  for (let round = 1; round <= 3; round += 1) {
    turns.join(() => {
      deliveries += 1;
      clock.work(0.9);
    });
    await nextTurn();
    expect(deliveries).toBe(round);
    expect(clock.pending).toBe(0);
  }
});

test.each([
  { tookMs: 2, restMs: 2 },
  { tookMs: 60, restMs: 4 },
])('after a delivery of $tookMs ms the next one waits for $restMs ms', async ({ tookMs, restMs }) => {
  const clock = new WorkClock();
  const turns = new DeliveryTurns(clock);
  turns.join(() => clock.work(tookMs));
  await nextTurn();
  let delivered = false;
  turns.join(() => (delivered = true));
  await clock.advance(restMs - 1);
  expect(delivered).toBe(false);
  await clock.advance(1);
  expect(delivered).toBe(true);
});

test('a rest that has passed is not taken again', async () => {
  const clock = new WorkClock();
  const turns = new DeliveryTurns(clock);
  turns.join(() => clock.work(60));
  await nextTurn();
  await clock.advance(10);
  let delivered = false;
  turns.join(() => (delivered = true));
  await nextTurn();
  expect(delivered).toBe(true);
});
