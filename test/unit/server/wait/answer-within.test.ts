import { describe, expect, test } from 'vitest';
import { answerWithin } from '@launchlog/server/wait/answer-within';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const never = new Promise<never>(() => undefined);

describe('an answer within a time', () => {
  test('is the answer when that comes in time, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    expect(await answerWithin({ clock, ms: 100 }, Promise.resolve('yes'), 'late')).toBe('yes');
    expect(clock.pending).toBe(0);
  });

  test('is the alternative when the time is up', async () => {
    const clock = new FakeClock();
    const answer = answerWithin({ clock, ms: 100 }, never, 'late');
    await clock.advance(100);
    expect(await answer).toBe('late');
  });

  test('is the rejection when that comes in time, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const refusal = new Error('refused');
    await expect(answerWithin({ clock, ms: 100 }, Promise.reject(refusal), 'late')).rejects.toBe(refusal);
    expect(clock.pending).toBe(0);
  });

  test('ignores a rejection that comes too late', async () => {
    const clock = new FakeClock();
    let refuse: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => (refuse = reject));
    const answer = answerWithin({ clock, ms: 100 }, late, 'late');
    await clock.advance(100);
    refuse(new Error('refused'));
    await clock.advance(0);
    expect(await answer).toBe('late');
  });
});
