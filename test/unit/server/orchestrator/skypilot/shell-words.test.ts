import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  quoteShellWord,
  ShellWordsError,
  splitShellWords,
} from '@launchlog/server/orchestrator/skypilot/shell-words';

test.each([
  ['', []],
  ['  --a   1 ', ['--a', '1']],
  [`--json '{"a": 1}'`, ['--json', '{"a": 1}']],
  [`--json "{\\"a\\": 1}"`, ['--json', '{"a": 1}']],
  [`a\\ b 'c'"d"e`, ['a b', 'cde']],
  [`''`, ['']],
  [`"\\n \\$HOME"`, ['\\n $HOME']],
  [
    '$(id) `id` ; rm -rf / | x > y & z',
    ['$(id)', '`id`', ';', 'rm', '-rf', '/', '|', 'x', '>', 'y', '&', 'z'],
  ],
])('splits %j as a shell does, without expanding anything', (line, words) => {
  expect(splitShellWords(line)).toEqual(words);
});

test.each([
  ["it's", 'single quote'],
  ['say "hi', 'double quote'],
  ['end\\', 'backslash'],
])('refuses %j and names the fault', (line, what) => {
  expect(() => splitShellWords(line)).toThrow(ShellWordsError);
  expect(() => splitShellWords(line)).toThrow(what);
});

test('bash reads quoted words as the original words', () => {
  const words = fc.array(
    fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0')),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(words, (given) => {
      const script = `printf '%s\\0' end ${given.map(quoteShellWord).join(' ')}`;
      const said = execFileSync('bash', ['--noprofile', '--norc', '-c', script])
        .toString('utf8')
        .split('\0')
        .slice(1, -1);
      expect(said).toEqual(given.map((word) => Buffer.from(word).toString('utf8')));
    }),
    { numRuns: 25 },
  );
});

test('splitting quoted words returns the original words', () => {
  const word = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitShellWords(words.map(quoteShellWord).join(' '))).toEqual(words);
    }),
  );
});
