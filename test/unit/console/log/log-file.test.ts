import { describe, expect, test } from 'vitest';
import { LogBuffer } from '@launchlog/console/log/store/log-buffer';
import { logFile } from '@launchlog/console/log/log-file';

const buffer = new LogBuffer();
buffer.append([
  {
    kind: 'entry',
    nodeId: 'one',
    entry: {
      seq: 1,
      timestamp: '2026-01-02T03:04:05.678Z',
      level: 'warn',
      message: '\u001b[31m=cmd("x"), y\u001b[0m',
      phase: 'installing',
      source: 'instance',
      details: { price: 1.5 },
    },
  },
  { kind: 'mark', nodeId: 'one', tone: 'info', text: 'a mark' },
]);

describe('a log file', () => {
  test('as text has one line per entry, without colours and marks', () => {
    expect(logFile('txt', buffer.rows, false)).toBe(
      '2026-01-02T03:04:05.678Z WARN  [installing] =cmd("x"), y\n',
    );
  });

  test('as JSON has the entries as they were sent, with the node in a log of several nodes', () => {
    expect(JSON.parse(logFile('json', buffer.rows, false))).toMatchObject([
      { seq: 1, details: { price: 1.5 } },
    ]);
    expect(JSON.parse(logFile('json', buffer.rows, true))).toMatchObject([{ node_id: 'one', seq: 1 }]);
  });

  test('as CSV is quoted, and a spreadsheet runs no part of it', () => {
    const [header, row] = logFile('csv', buffer.rows, false).split('\r\n');
    expect(header).toBe('seq,timestamp,level,phase,source,progress,message,details');
    expect(row).toBe(
      '1,2026-01-02T03:04:05.678Z,warn,installing,instance,,"\'=cmd(""x""), y","{""price"":1.5}"',
    );
  });
});
