import { describe, expect, test } from 'vitest';
import { formatCursor, parseCursor } from '@launchlog/shared/cursor';

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
  });
});
