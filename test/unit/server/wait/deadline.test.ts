import { describe, expect, test } from 'vitest';
import { Deadline } from '@launchlog/server/wait/deadline';
import { FakeClock } from '../../../support/fake/fake-clock.js';

describe('a deadline', () => {
  test('aborts the work with its message when the time is up', async () => {
    const clock = new FakeClock();
    const deadline = new Deadline({ clock, ms: 100, message: 'no answer within 0.1 s' });
    await clock.advance(99);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(deadline.signal.reason).toEqual(new Error('no answer within 0.1 s'));
    expect(deadline.passed).toBe(true);
  });

  test("aborts the work with the given signal's reason when that comes first, and has not passed", async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const deadline = new Deadline({ clock, ms: 100, signal: caller.signal });
    const reason = new Error('the caller has gone');
    caller.abort(reason);
    await clock.advance(99);
    expect(deadline.signal.reason).toBe(reason);
    expect(deadline.passed).toBe(false);
  });

  test('never passes once it is cleared, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const deadline = new Deadline({ clock, ms: 100 });
    deadline.clear();
    deadline.clear();
    expect(clock.pending).toBe(0);
    await clock.advance(200);
    expect(deadline.passed).toBe(false);
    expect(deadline.signal.aborted).toBe(false);
  });
});
