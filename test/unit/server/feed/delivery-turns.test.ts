import { expect, test } from 'vitest';
import { DeliveryTurns } from '@launchlog/server/feed/delivery-turns';
import { FakeClock } from '../../../support/fake/fake-clock.js';

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

/** Deliveries that take this long, this far apart; whether the next one has to wait. */
async function restsAfter({
  tookMs,
  everyMs,
  deliveries,
}: {
  tookMs: number;
  everyMs: number;
  deliveries: number;
}) {
  const clock = new WorkClock();
  const turns = new DeliveryTurns(clock);
  for (let count = 0; count < deliveries; count += 1) {
    await clock.advance(everyMs);
    turns.join(() => clock.work(tookMs));
    await clock.advance(0);
  }
  let delivered = false;
  turns.join(() => (delivered = true));
  await nextTurn();
  return { rests: !delivered, clock, isDelivered: () => delivered };
}

test.each([
  { tookMs: 0.1, everyMs: 10, deliveries: 100 },
  { tookMs: 0.02, everyMs: 1, deliveries: 100 },
  { tookMs: 0.9, everyMs: 1_000, deliveries: 3 },
])('deliveries of $tookMs ms each $everyMs ms add no wait', async (load) => {
  expect((await restsAfter(load)).rests).toBe(false);
});

test.each([
  { tookMs: 0.1, everyMs: 0.1, deliveries: 100 },
  { tookMs: 5, everyMs: 10, deliveries: 1 },
  { tookMs: 60, everyMs: 10, deliveries: 3 },
])('after deliveries of $tookMs ms each $everyMs ms the next one waits, for 4 ms at most', async (load) => {
  const { rests, clock, isDelivered } = await restsAfter(load);
  expect(rests).toBe(true);
  await clock.advance(4);
  expect(isDelivered()).toBe(true);
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
