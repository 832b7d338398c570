import { expect, test } from 'vitest';
import { damagedLine } from '@launchlog/server/log/damage/damaged-line';
import { LogRecord, readRecords } from '@launchlog/server/log/log-record';
import { logLine, logLines } from '../../../support/log/log-lines.js';

const EPOCH = 'a'.repeat(16);

test('a record keeps the line exactly as stored and parses it', () => {
  const line = `${logLine(7)} `;
  const record = new LogRecord({ epoch: EPOCH, seq: 7 }, line);
  expect(record.json).toBe(line);
  expect(record.entry).toMatchObject({ seq: 7, message: 'line 7' });
  expect(record.entry).toBe(record.entry);
});

test('a record that has released its entry parses it again', () => {
  const record = new LogRecord({ epoch: EPOCH, seq: 7 }, logLine(7));
  const { entry } = record;
  record.release();
  expect(record.entry).toEqual(entry);
  expect(record.entry).not.toBe(entry);
});

test('lines are numbered from the first seq', () => {
  const records = readRecords(EPOCH, 5, logLines(5, 8));
  expect(records.map(({ seq, entry }) => [seq, entry.message])).toEqual([
    [5, 'line 5'],
    [6, 'line 6'],
    [7, 'line 7'],
    [8, 'line 8'],
  ]);
});

test.each([
  ['is not JSON', '{"seq":2,'],
  ['is not an entry', '{"seq":2}'],
  ['has the seq of another place', logLine(3)],
])('a line that %s is damaged, and costs no other', (_what, line) => {
  const [, second, third] = readRecords(EPOCH, 1, [logLine(1), line, logLine(3)]);
  expect(second).toMatchObject({ damaged: true, hasStanding: false });
  expect(second?.entry).toMatchObject({
    seq: 2,
    level: 'error',
    message: 'this line of the log cannot be read',
  });
  expect(JSON.parse(second?.json ?? '')).toMatchObject({ seq: 2 });
  expect(third?.entry.message).toBe('line 3');
});

test('an entry with words of a newer release keeps all that is known of it', () => {
  const line = logLine(2)
    .replace('"info"', '"fatal"')
    .replace('"provisioning"', '"draining"')
    .replace('"orchestrator"', '"kernel"');
  const [, second] = readRecords(EPOCH, 1, [logLine(1), line]);
  expect(second).toMatchObject({ hasStanding: false, damaged: false });
  expect(second?.entry).toEqual({
    seq: 2,
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    message: 'line 2',
    phase: 'provisioning',
    source: 'orchestrator',
  });
});

test('a damaged line is only a place', () => {
  const [, second] = readRecords(EPOCH, 1, [logLine(1), damagedLine(2)]);
  expect(second).toMatchObject({ seq: 2, damaged: true, hasStanding: false });
});
