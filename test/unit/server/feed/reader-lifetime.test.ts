import { describe, expect, it } from 'vitest';
import { ReaderLifetime } from '@launchlog/server/feed/reader-lifetime';

const BORN_AT_MS = 1_000;
const lifetime = (random: number): ReaderLifetime =>
  new ReaderLifetime(BORN_AT_MS, { maxAgeMs: 100_000, random: () => random });

describe('the lifetime of a reader', () => {
  it('ends at the maximum age, or up to a tenth of it earlier', () => {
    expect(lifetime(0).exceeded(100_999, undefined)).toBeUndefined();
    expect(lifetime(0).exceeded(101_000, undefined)).toBe('max_age');
    expect(lifetime(1).exceeded(90_999, undefined)).toBeUndefined();
    expect(lifetime(1).exceeded(91_000, undefined)).toBe('max_age');
  });

  it('ends when a full sink has made no progress for 30 seconds', () => {
    const reader = lifetime(0);
    reader.becameFull(2_000);
    expect(reader.exceeded(31_999, {})).toBeUndefined();
    expect(reader.exceeded(32_000, {})).toBe('stalled');
  });

  it('grants another 30 seconds after each progress', () => {
    const reader = lifetime(0);
    reader.becameFull(2_000);
    expect(reader.exceeded(30_000, { progress: () => 1 })).toBeUndefined();
    expect(reader.exceeded(59_000, { progress: () => 1 })).toBeUndefined();
    expect(reader.exceeded(60_000, { progress: () => 1 })).toBe('stalled');
  });

  it('does not stall while the sink has room', () => {
    const reader = lifetime(0);
    reader.becameFull(2_000);
    expect(reader.exceeded(90_000, undefined)).toBeUndefined();
  });
});
