import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReaderPosition } from '@launchlog/sdk/stream/reader-position';
import { entryOf, EPOCH } from '../../../support/fake/scripted-log-source.js';

const log = (seq: number) => ({ type: 'log' as const, entry: entryOf(seq) });
const status = { type: 'status' as const, status: { phase: 'queued' as const, message: '' } };

describe("a reader's position", () => {
  test('accepts each entry once and never goes back, however entries are repeated and reordered', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 100 }), (seqs) => {
        const position = new ReaderPosition();
        let highest = 0;
        for (const seq of seqs) {
          expect(position.advance(log(seq), `${EPOCH}:${seq}`)).toBe(seq > highest);
          highest = Math.max(highest, seq);
          expect(position.cursor).toBe(`${EPOCH}:${highest}`);
        }
      }),
    );
  });

  test('accepts every event that is not an entry, and does not go back', () => {
    const position = new ReaderPosition(`${EPOCH}:5`);
    expect(position.advance(status, `${EPOCH}:3`)).toBe(true);
    expect(position.cursor).toBe(`${EPOCH}:5`);
  });

  test('starts a new epoch at its first entry', () => {
    const position = new ReaderPosition(`${EPOCH}:5`);
    expect(position.advance(log(1), 'fedcba9876543210:1')).toBe(true);
    expect(position.cursor).toBe('fedcba9876543210:1');
  });

  test('is done after the final done event and not before', () => {
    const position = new ReaderPosition(`${EPOCH}:5`);
    const done = { type: 'done' as const, done: { status: 'active' as const, message: '' } };
    position.advance({ ...done, done: { status: 'launching', message: '' } }, `${EPOCH}:5`);
    expect(position.done).toBe(false);
    position.advance(done, `${EPOCH}:5:done`);
    expect(position.done).toBe(true);
  });

  test('keeps an invalid cursor for the server to refuse', () => {
    expect(new ReaderPosition('nonsense').cursor).toBe('nonsense');
  });
});
