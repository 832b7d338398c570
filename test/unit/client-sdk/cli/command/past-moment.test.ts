import { afterEach, expect, test, vi } from 'vitest';
import { parsePast } from '@launchlog/sdk/cli/command/past-moment';

const NOW = Date.parse('2026-01-02T12:00:00.000Z');

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['1w', '2025-12-26T12:00:00.000Z'],
  ['1h30m', '2026-01-02T10:30:00.000Z'],
  ['now', '2026-01-02T12:00:00.000Z'],
  ['today', '2026-01-02T00:00:00.000Z'],
  ['Yesterday', '2026-01-01T00:00:00.000Z'],
  ['09:30', '2026-01-02T09:30:00.000Z'],
  ['9:30:15', '2026-01-02T09:30:15.000Z'],
  ['13:00', '2026-01-01T13:00:00.000Z'],
  ['2025-12-31', '2025-12-31T00:00:00.000Z'],
  ['2025-12-31 09:30', '2025-12-31T09:30:00.000Z'],
  ['2025-12-31T09:30:10', '2025-12-31T09:30:10.000Z'],
  ['2026-01-01T00:00:00+02:00', '2026-01-01T00:00:00+02:00'],
])('%s is a moment in UTC', (text, moment) => {
  expect(parsePast(text, '--since', { nowMs: NOW, utc: true })).toBe(moment);
});

test.each([
  ['today', '2026-01-02T05:00:00.000Z'],
  ['yesterday', '2026-01-01T05:00:00.000Z'],
  ['06:30', '2026-01-02T11:30:00.000Z'],
  ['07:30', '2026-01-01T12:30:00.000Z'],
  ['2025-07-01', '2025-07-01T04:00:00.000Z'],
])('%s is read in the local time zone, with the summer time of its day', (text, moment) => {
  vi.stubEnv('TZ', 'America/New_York');
  expect(parsePast(text, '--since', { nowMs: NOW, utc: false })).toBe(moment);
});

test.each(['', 'last week', '25:00', '9:60', '2026-02-30', '2026-13-01', '2026-01-01T25:00', '-5m', '10'])(
  '%j is refused with the flag and examples',
  (text) => {
    expect(() => parsePast(text, '--until', { nowMs: NOW, utc: true })).toThrow(
      /^--until must be a duration such as 90s.*09:30.*yesterday.*RFC 3339/,
    );
  },
);
