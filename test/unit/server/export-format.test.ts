import { EXPORT_WRITERS } from '@launchlog/server/export/export-format';
import { expect, test } from 'vitest';

test.each(['a\nb', 'a\rb', 'a\r\nb', '\n'])(
  'a message with the line break of %j is one quoted cell of CSV',
  (message) => {
    const row = EXPORT_WRITERS.csv.body(
      [
        {
          seq: 1,
          timestamp: '2026-11-26T12:00:00.000Z',
          level: 'info',
          phase: 'installing',
          source: 'instance',
          message,
        },
      ],
      true,
    );
    expect(row).toBe(`1,2026-11-26T12:00:00.000Z,info,installing,,instance,"${message}",\r\n`);
  },
);
