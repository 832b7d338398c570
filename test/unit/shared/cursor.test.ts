import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cursorSchema, formatCursor, opaqueCursor, parseCursor } from '@launchlog/shared/cursor';

describe('cursor', () => {
  test.each(['00000000000000ff:0', '0123456789abcdef:17', '0123456789abcdef:17:done'])(
    '%s is read and written back unchanged',
    (text) => {
      const cursor = parseCursor(text);
      expect(cursor && formatCursor(cursor)).toBe(text);
    },
  );

  test.each([
    '',
    '17',
    '0123456789abcdef',
    '0123456789ABCDEF:1',
    '0123456789abcdef:-1',
    '0123456789abcdef:01',
    '0123456789abcdef:1:DONE',
    '0123456789abcdef:1\n',
    '0123456789abcdef:999999999999999',
    ' 0123456789abcdef:1',
  ])('%j is no cursor', (text) => {
    expect(parseCursor(text)).toBeUndefined();
    expect(cursorSchema.safeParse(text).success).toBe(false);
  });
});

test('programs that are made from the schema know how long a cursor may be', () => {
  expect(z.toJSONSchema(cursorSchema)).toMatchObject({ maxLength: 40 });
  expect(cursorSchema.safeParse('0123456789abcdef:17:done').success).toBe(true);
  expect(opaqueCursor(5).safeParse('12345').success).toBe(true);
  expect(opaqueCursor(5).safeParse('123456').error?.issues[0]?.message).toContain('from an earlier answer');
});
