import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { listOption, numberOption, parseFlags, parseMoment } from '@launchlog/sdk/cli/command/flag-value';
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

test('text that is not a number as a whole is not a number, which every rule of a number refuses', () => {
  expect(['1', '-1', '0.95'].map(numberOption)).toEqual([1, -1, 0.95]);
  for (const text of ['', ' ', '1x', 'Infinity']) expect(numberOption(text)).toBeNaN();
});

test('a list collects repeated flags and values separated by commas', () => {
  expect(listOption('c, d,', listOption('a,b', undefined))).toEqual(['a', 'b', 'c', 'd']);
});

describe('a request given as flags', () => {
  const schema = z.strictObject({
    limit: z.int({ error: 'must be whole' }).optional(),
    deploymentId: z.string({ error: 'must be text' }).optional(),
  });

  test('omits flags that are not given', () => {
    expect(parseFlags(schema, { limit: 3, deploymentId: undefined }, {})).toEqual({ limit: 3 });
  });

  test('is refused with the names of the flags that a person typed', () => {
    const names = { deploymentId: '--deployment' };
    expect(() => parseFlags(schema, { limit: 1.5, deploymentId: 7 }, names)).toThrow(
      new UsageError('--limit must be whole; --deployment must be text'),
    );
  });
});
