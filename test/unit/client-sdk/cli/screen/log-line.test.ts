import { parseAllDocuments } from 'yaml';
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
  const plain = { style: new Style(false), form: 'text' as const, timestamps: false };
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

test.each(['text', 'wide', 'json', 'yaml'] as const)('an excluded message is not shown (%s)', (form) => {
  expect(lineOf({ form, exclude: [/nothing/, /12 of/] })).toBeUndefined();
  expect(lineOf({ form, exclude: [/nothing/] })).toBeDefined();
});

test('marks every match, outside of the escape sequences of the message', () => {
  const style = new Style(true);
  const shown = lineOf({ style, highlight: [/\d+/g] }, { message: '\u001b[31m31 of 7\u001b[0m' });
  expect(shown).toContain(`\u001b[31m${style.mark('31')} of ${style.mark('7')}\u001b[0m`);
});

test('marks nothing without colours', () => {
  expect(lineOf({ highlight: [/\d+/g] })).toContain('loaded 12 of 24');
});

test('a wide line has its time, its level and its source', () => {
  expect(lineOf({ form: 'wide', utc: true })).toMatch(
    /^2026-07-02T12:00:00\.250Z {2}queued +INFO {3}vllm {2}loaded 12 of 24$/,
  );
});

test('a line in JSON is the entry of REST, in YAML a document of it, each with the node of a merged log', () => {
  const origin = { nodeId: 'n', label: 'one', index: 0 };
  const hostile = { message: 'a: b\n--- \u001b[2J', details: { 'on:': 1, no: 'x' } };
  const format = { style: new Style(false), timestamps: false };
  const json = logLine({ ...ENTRY, ...hostile }, { ...format, form: 'json' }, origin) ?? '';
  expect(json).not.toContain('\n');
  expect(JSON.parse(json)).toEqual({ node_id: 'n', ...ENTRY, ...hostile });
  const yaml = logLine({ ...ENTRY, ...hostile }, { ...format, form: 'yaml' }, origin) ?? '';
  expect(yaml).not.toContain('\u001b');
  expect(parseAllDocuments(`${yaml}\n${yaml}`).map((document): unknown => document.toJS())).toEqual([
    { node_id: 'n', ...ENTRY, ...hostile },
    { node_id: 'n', ...ENTRY, ...hostile },
  ]);
  expect(logLine(ENTRY, { ...format, form: 'none' })).toBeUndefined();
});

test('a line that a running node prints has no phase, and names its level itself', () => {
  const { seq: _, phase: _phase, ...line } = ENTRY;
  const format = { style: new Style(false), timestamps: false, form: 'text' as const };
  expect(logLine({ ...line, level: 'warn' }, format)).toBe('loaded 12 of 24');
  expect(logLine(line, { ...format, exclude: [/loaded/] })).toBeUndefined();
});
