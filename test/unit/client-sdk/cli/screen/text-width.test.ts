import { describe, expect, test } from 'vitest';
import { cutToWidth, padToWidth, rowsOf, widthOf } from '@launchlog/sdk/cli/screen/text-width';

const RED = '\u001b[31m';
const PLAIN = '\u001b[39m';
const FAMILY = '👨‍👩‍👧';

describe('the width of a text on a terminal', () => {
  test.each([
    ['letters', 'abc', 3],
    ['CJK characters', '漢字', 4],
    ['a CJK character beyond the basic plane', '𠮷', 2],
    ['Hangul', '한국', 4],
    ['an emoji', '🚀', 2],
    ['an emoji of several characters', FAMILY, 2],
    ['a flag', '🇩🇪', 2],
    ['a letter with an accent of its own', 'e\u0301', 1],
    ['colours', `${RED}abc${PLAIN}`, 3],
    ['a bar', '██░░', 4],
  ])('counts %s in columns', (_name, text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  test('is filled up with spaces', () => {
    expect(padToWidth('漢', 4)).toBe('漢  ');
    expect(padToWidth('漢字', 3)).toBe('漢字');
  });
});

describe('a line that is cut', () => {
  test.each([
    ['abcdef', 3, 'abc'],
    ['漢字漢', 4, '漢字'],
    ['漢字漢', 5, '漢字'],
    ['a漢b', 2, 'a'],
    [`a${FAMILY}b`, 2, 'a'],
    [`a${FAMILY}b`, 3, `a${FAMILY}`],
    ['e\u0301e\u0301', 1, 'e\u0301'],
    [`${RED}漢字${PLAIN}漢字`, 3, `${RED}漢${PLAIN}`],
    [`${RED}漢${PLAIN}ab`, 1, RED + PLAIN],
  ])('%j in %d columns is %j: no character is split and no colour is lost', (line, columns, shown) => {
    expect(cutToWidth(line, columns)).toBe(shown);
  });
});

describe('the rows that a line takes', () => {
  test('grow with its text and not with its colours', () => {
    expect([rowsOf('', 10), rowsOf('a'.repeat(10), 10), rowsOf('a'.repeat(11), 10)]).toEqual([1, 1, 2]);
    expect(rowsOf(`${RED}${'a'.repeat(10)}${PLAIN}`, 10)).toBe(1);
  });

  test('include the one that a wide character moves to', () => {
    expect([rowsOf('漢'.repeat(5), 10), rowsOf('漢'.repeat(6), 10)]).toEqual([1, 2]);
    // Four characters fit into each row of nine columns; the ninth column stays empty.
    expect(rowsOf('漢'.repeat(9), 9)).toBe(3);
  });
});
