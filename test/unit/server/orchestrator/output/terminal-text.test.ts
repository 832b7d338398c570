import { expect, test } from 'vitest';
import { plainText } from '@launchlog/server/orchestrator/output/terminal-text';

test.each([
  ['colours', '\u001b[0m\u001b[32m✓ Cluster launched: s1.\u001b[0m\u001b[0m', '✓ Cluster launched: s1.'],
  ['24-bit colours', '\u001b[38;2;10;20;30mx\u001b[0m', 'x'],
  ['cursor controls', '\u001b[?25h\u001b[2K\u001b[1Ax', 'x'],
  ['a title without an end', '\u001b]0;title', '0;title'],
  ['a title', '\u001b]0;evil title\u0007x', 'x'],
  ['a link', '\u001b]8;;https://evil.example\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a device control string', '\u001bPq#0;2;0\u001b\\x', 'x'],
  ['two-character escapes', '\u001b(B\u001b=x\u001bc', 'x'],
  ['an escape at the very end', 'x\u001b', 'x'],
  ['an unfinished colour', 'x\u001b[31', 'x'],
  ['bell, backspace and null', 'a\u0007b\u0008c\u0000d', 'abcd'],
  ['white space at the end', 'x  \t\r', 'x'],
])('%s is not shown', (_, raw, shown) => {
  expect(plainText(raw)).toBe(shown);
});

test.each([
  ['a line that was drawn over', '10%\r50%\r100%', '100%'],
  ['a return at the beginning', '\rLoading', 'Loading'],
  ['a return at the end', 'Loading\r', 'Loading'],
  ['a bar that was wiped in the end', 'bar 99%\r          ', 'bar 99%'],
  ['colours around returns', '\u001b[31m10%\r\u001b[32m20%\u001b[0m', '20%'],
  ['a text of several lines', 'one\r\ntwo', 'one\ntwo'],
  ['nothing but returns', '\r\r', ''],
])('%s shows its last state', (_, raw, shown) => {
  expect(plainText(raw)).toBe(shown);
});

test('text that was decoded wrongly loses no more than its control characters', () => {
  expect(plainText('â€\u009dquotedâ€\u009d and \u009b31m')).toBe('â€quotedâ€ and 31m');
});

test('tabs, indentation and every script stay', () => {
  expect(plainText('\t  äöü 漢字 🚀 e\u0301')).toBe('\t  äöü 漢字 🚀 e\u0301');
});

test.each([
  '\u001b',
  '\u001b[',
  '\u001b]',
  '\u001b[0',
  '\u001b[ ',
  '\u001b]x',
  '\r',
  '\u009b',
  '\u001b['.concat('1;'.repeat(50)),
])('1 MB of %j is read without work that grows faster than it does', (unit) => {
  /** Sixteen times the longest line: the square of it would outlast the test's time. */
  const raw = unit.repeat(Math.ceil(1_048_576 / unit.length));
  expect(plainText(raw).length).toBeLessThanOrEqual(raw.length);
});
