import { describe, expect, test } from 'vitest';
import { Backoff, backoffMs } from '@launchlog/server/wait/backoff';
import { FakeClock } from '../../../support/fake/fake-clock.js';

describe('a backoff', () => {
  test('doubles the wait up to its bound', () => {
    const backoff = new Backoff({ firstMs: 50, maxMs: 300 });
    expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([50, 100, 200, 300, 300]);
  });

  test('starts with the first wait again after a reset', () => {
    const backoff = new Backoff({ firstMs: 50, maxMs: 300 });
    backoff.nextMs();
    backoff.nextMs();
    backoff.reset();
    expect(backoff.nextMs()).toBe(50);
  });

  test('stays at its bound however many failures there were', () => {
    expect(backoffMs({ firstMs: 50, maxMs: 300 }, 1e6)).toBe(300);
  });

  test('shortens a wait by up to one half where it is given randomness', () => {
    expect(backoffMs({ firstMs: 100, maxMs: 300, random: () => 0 }, 1)).toBe(50);
    expect(backoffMs({ firstMs: 100, maxMs: 300, random: () => 1 }, 1)).toBe(100);
  });

  test('sleeps on the clock until its signal is aborted', async () => {
    const clock = new FakeClock();
    const backoff = new Backoff({ firstMs: 50, maxMs: 300 });
    const { signal } = new AbortController();
    const waited: string[] = [];
    const loop = (async () => {
      await backoff.wait(clock, signal);
      waited.push('first');
      await backoff.wait(clock, signal);
      waited.push('second');
    })();
    await clock.advance(50);
    expect(waited).toEqual(['first']);
    await clock.advance(99);
    expect(waited).toEqual(['first']);
    await clock.advance(1);
    await loop;
    expect(waited).toEqual(['first', 'second']);
    const reason = new Error('stopped');
    await expect(backoff.wait(clock, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});
