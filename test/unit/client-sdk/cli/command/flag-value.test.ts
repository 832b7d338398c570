import { describe, expect, test } from 'vitest';
import { parseMoment } from '@launchlog/sdk/cli/command/flag-value';
import { UsageError } from '@launchlog/sdk/cli/session/exit-code';

const NOW = Date.parse('2026-01-02T12:00:00.000Z');

describe('a moment on the command line', () => {
  test.each([
    ['90s', '2026-01-02T11:58:30.000Z'],
    ['10m', '2026-01-02T11:50:00.000Z'],
    ['1h30m', '2026-01-02T10:30:00.000Z'],
    ['2d', '2025-12-31T12:00:00.000Z'],
    ['1.5h', '2026-01-02T10:30:00.000Z'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.5+02:00', '2026-01-01T00:00:00.5+02:00'],
  ])('%s is %s', (text, moment) => {
    expect(parseMoment(text, '--since', NOW)).toBe(moment);
  });

  test.each(['', '10', 'yesterday', '10 m', '-5m', '5m!', '2026-01-01', '2026-13-01T00:00:00Z'])(
    '%j is refused, and the error names the flag',
    (text) => {
      expect(() => parseMoment(text, '--since', NOW)).toThrow(UsageError);
      expect(() => parseMoment(text, '--since', NOW)).toThrow(/^--since /);
    },
  );
});
