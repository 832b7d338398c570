import { afterEach, expect, test, vi } from 'vitest';
import { logLine } from '@launchlog/sdk/cli/screen/log-line';
import type { LineFormat } from '@launchlog/sdk/cli/screen/log-line';
import { Style } from '@launchlog/sdk/cli/screen/style';
import type { LogEntry } from '@launchlog/shared/log-entry';

const ENTRY: LogEntry = {
  seq: 1,
  timestamp: '2026-07-02T12:00:00.250Z',
  level: 'info',
  phase: 'queued',
  source: 'vllm',
  message: 'loaded 12 of 24',
};

afterEach(() => vi.unstubAllEnvs());

function lineOf(format: Partial<LineFormat>, entry: Partial<LogEntry> = {}): string | undefined {
  const plain = { style: new Style(false), json: false, timestamps: false };
  return logLine({ ...ENTRY, ...entry }, { ...plain, ...format });
}

test.each([
  ['Europe/Berlin', false, '2026-07-02T14:00:00.250+02:00'],
  ['America/St_Johns', false, '2026-07-02T09:30:00.250-02:30'],
  ['UTC', false, '2026-07-02T12:00:00.250Z'],
  ['Europe/Berlin', true, '2026-07-02T12:00:00.250Z'],
])('a line begins with its time in %s (--utc: %s)', (zone, utc, time) => {
  vi.stubEnv('TZ', zone);
  expect(lineOf({ timestamps: true, utc })?.startsWith(`${time}  `)).toBe(true);
});

test.each([true, false])('an excluded message is not shown (JSON: %s)', (json) => {
  expect(lineOf({ json, exclude: [/nothing/, /12 of/] })).toBeUndefined();
  expect(lineOf({ json, exclude: [/nothing/] })).toBeDefined();
});

test('marks every match, outside of the escape sequences of the message', () => {
  const style = new Style(true);
  const shown = lineOf({ style, highlight: [/\d+/g] }, { message: '\u001b[31m31 of 7\u001b[0m' });
  expect(shown).toContain(`\u001b[31m${style.mark('31')} of ${style.mark('7')}\u001b[0m`);
});

test('marks nothing without colours', () => {
  expect(lineOf({ highlight: [/\d+/g] })).toContain('loaded 12 of 24');
});
