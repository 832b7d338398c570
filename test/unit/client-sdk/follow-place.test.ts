import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FollowPlace } from '@launchlog/sdk/follow-place';
import { entryOf, EPOCH } from '../../support/scripted-log-source.js';

const log = (seq: number) => ({ type: 'log' as const, entry: entryOf(seq) });
const status = { type: 'status' as const, status: { phase: 'queued' as const, message: '' } };

describe("a reader's place", () => {
  test('however entries are repeated and mixed, each is new once and the place never goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 100 }), (seqs) => {
        const place = new FollowPlace();
        let highest = 0;
        for (const seq of seqs) {
          expect(place.advance(log(seq), `${EPOCH}:${seq}`)).toBe(seq > highest);
          highest = Math.max(highest, seq);
          expect(place.cursor).toBe(`${EPOCH}:${highest}`);
        }
      }),
    );
  });

  test('an event that is no entry is always new, and does not move the place back', () => {
    const place = new FollowPlace(`${EPOCH}:5`);
    expect(place.advance(status, `${EPOCH}:3`)).toBe(true);
    expect(place.cursor).toBe(`${EPOCH}:5`);
  });

  test('a new epoch begins from its first entry', () => {
    const place = new FollowPlace(`${EPOCH}:5`);
    expect(place.advance(log(1), 'fedcba9876543210:1')).toBe(true);
    expect(place.cursor).toBe('fedcba9876543210:1');
  });

  test('it is done after the final done and not before', () => {
    const place = new FollowPlace(`${EPOCH}:5`);
    const done = { type: 'done' as const, done: { status: 'active' as const, message: '' } };
    place.advance({ ...done, done: { status: 'launching', message: '' } }, `${EPOCH}:5`);
    expect(place.done).toBe(false);
    place.advance(done, `${EPOCH}:5:done`);
    expect(place.done).toBe(true);
  });

  test('a cursor that cannot be read is kept for the server to refuse', () => {
    expect(new FollowPlace('nonsense').cursor).toBe('nonsense');
  });
});
