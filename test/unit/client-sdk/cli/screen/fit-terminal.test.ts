import { describe, expect, test } from 'vitest';
import { fitTerminal } from '@launchlog/sdk/cli/screen/fit-terminal';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

describe('a text that is redrawn in place', () => {
  test('is unchanged if it fits', () => {
    const text = lines(4).join('\n');
    expect(fitTerminal(text, { columns: 80, rows: 5 })).toBe(text);
  });

  test('leaves a row for the cursor and counts the lines that do not fit', () => {
    const shown = fitTerminal(lines(10).join('\n'), { columns: 80, rows: 5 }).split('\n');
    expect(shown).toEqual(['line 1', 'line 2', 'line 3', '… and 7 more lines']);
  });

  test('is cut at the last column without losing the end of a colour', () => {
    expect(fitTerminal('\u001b[31mabcdef\u001b[0m', { columns: 3, rows: 5 })).toBe('\u001b[31mabc\u001b[0m');
  });
});
