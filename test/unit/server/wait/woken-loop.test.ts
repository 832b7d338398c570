import { describe, expect, test } from 'vitest';
import { WokenLoop } from '@launchlog/server/wait/woken-loop';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const POLL_MS = 1_000;

/** A loop that notes how each round began, and fails as often as it is asked to. */
function loopOnFakeClock({ wakesAfterFailure = false, failing = 0 } = {}) {
  const clock = new FakeClock();
  const rounds: ('woken' | 'by time')[] = [];
  const failures: number[] = [];
  const hold = { round: Promise.resolve() };
  const loop = new WokenLoop({
    clock,
    wakesAfterFailure,
    pauseMs: (count) => POLL_MS * (1 + count),
    onFailure: (_, count) => failures.push(count),
    round: async (woken) => {
      rounds.push(woken ? 'woken' : 'by time');
      await hold.round;
      if (failures.length < failing) throw new Error('the database is away');
    },
  });
  return { clock, loop, rounds, failures, hold };
}

describe('a woken loop', () => {
  test('begins a round at once, and another one after each pause', async () => {
    const { clock, loop, rounds } = loopOnFakeClock();
    loop.start();
    loop.start();
    await clock.advance(0);
    expect(rounds).toEqual(['by time']);
    await clock.advance(POLL_MS);
    expect(rounds).toEqual(['by time', 'by time']);
  });

  test('ends its pause when it is woken', async () => {
    const { clock, loop, rounds } = loopOnFakeClock();
    loop.start();
    await clock.advance(10);
    loop.wake();
    await clock.advance(0);
    expect(rounds).toEqual(['by time', 'woken']);
    await clock.advance(POLL_MS - 1);
    expect(rounds).toHaveLength(2);
  });

  test('begins one more round, and only one, when it is woken during a round', async () => {
    const { clock, loop, rounds, hold } = loopOnFakeClock();
    let finish: () => void = () => undefined;
    hold.round = new Promise((resolve) => (finish = resolve));
    loop.start();
    await clock.advance(0);
    loop.wake();
    loop.wake();
    finish();
    await clock.advance(0);
    expect(rounds).toEqual(['by time', 'woken']);
  });

  test('reports each failure with its number in the row, and pauses accordingly', async () => {
    const { clock, loop, rounds, failures } = loopOnFakeClock({ failing: 2 });
    loop.start();
    await clock.advance(2 * POLL_MS);
    expect(rounds).toHaveLength(2);
    await clock.advance(3 * POLL_MS);
    expect(failures).toEqual([1, 2]);
    expect(rounds).toHaveLength(3);
    await clock.advance(POLL_MS);
    expect(rounds).toHaveLength(4);
  });

  test('keeps its own pace after a failure, even when it is woken', async () => {
    const { clock, loop, rounds } = loopOnFakeClock({ failing: 1 });
    loop.start();
    await clock.advance(10);
    loop.wake();
    await clock.advance(POLL_MS);
    expect(rounds).toEqual(['by time']);
    await clock.advance(POLL_MS);
    expect(rounds).toEqual(['by time', 'by time']);
  });

  test('ends the pause after a failure when it is woken, where that is wanted', async () => {
    const { clock, loop, rounds } = loopOnFakeClock({ failing: 1, wakesAfterFailure: true });
    loop.start();
    await clock.advance(10);
    loop.wake();
    await clock.advance(0);
    expect(rounds).toEqual(['by time', 'woken']);
  });

  test('stops during a pause, also after a failure, and leaves no timer behind', async () => {
    const { clock, loop, rounds } = loopOnFakeClock({ failing: 1 });
    loop.start();
    await clock.advance(10);
    await loop.stop();
    loop.wake();
    await clock.advance(10 * POLL_MS);
    expect(rounds).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('waits for the round under way when it stops, and does not report its failure', async () => {
    const { clock, loop, failures, hold } = loopOnFakeClock({ failing: 1 });
    let finish: () => void = () => undefined;
    hold.round = new Promise((resolve) => (finish = resolve));
    loop.start();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await clock.advance(0);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(failures).toEqual([]);
  });
});
