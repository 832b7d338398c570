import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { neutralise, neutralJson } from '@launchlog/sdk/cli/screen/neutralise';

const ESC = '\u001b';

describe("a line of somebody else's output on a terminal", () => {
  test.each([
    ['clears no screen and moves no cursor', `a${ESC}[2J${ESC}[1;1H${ESC}[Ab`, 'ab'],
    ['sets no title', `a${ESC}]0;owned\u0007b`, 'ab'],
    ['writes no clipboard', `a${ESC}]52;c;ZXZpbA==${ESC}\\b`, 'ab'],
    ['hides no link', `a${ESC}]8;;http://evil${ESC}\\text${ESC}]8;;${ESC}\\b`, 'atextb'],
    ['starts no sequence by 8-bit controls', 'a\u009b2Jb\u009d0;x\u0007c', 'abc'],
    ['leaves an unfinished sequence visible', `a${ESC}]0;rest of the line`, 'a␛]0;rest of the line'],
    ['rings no bell and deletes nothing', 'a\u0007\u0008\u007fb', 'a␇␈␡b'],
    ['reverses no text', 'a\u202egnp.exe\u2066b', 'a\ufffdgnp.exe\ufffdb'],
    ['begins no line of its own', 'a\nfailed  forged', 'a\n    failed  forged'],
    ['shows the last state of a progress bar', 'load 10%\rload 50%\rload 99%\r', 'load 99%'],
    ['keeps tabs, letters and emoji', 'a\tä 漢 🚀', 'a\tä 漢 🚀'],
  ])('%s', (_guarantee, text, shown) => {
    expect(neutralise(text, false)).toBe(shown);
  });

  test('keeps its colours and closes them at the end if they are wanted, and loses them otherwise', () => {
    const text = `${ESC}[31mred ${ESC}[38;5;208morange ${ESC}[1;38;2;1;2;3mbold`;
    expect(neutralise(text, true)).toBe(`${text}${ESC}[0m`);
    expect(neutralise(text, false)).toBe('red orange bold');
  });

  test('is neither hidden, inverted nor made to blink', () => {
    expect(neutralise(`a${ESC}[8mhidden${ESC}[7m${ESC}[5mb`, true)).toBe('ahiddenb');
  });

  test('contains no control characters but tabs, newlines and allowed colours, whatever it was', () => {
    const pieces = fc.constantFrom(
      ESC,
      '[',
      ']',
      '\u009b',
      '\u009d',
      'm',
      '3',
      '1',
      ';',
      '\u0007',
      '\\',
      '\r',
      '\n',
      'x',
      '\u202e',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.boolean(), (parts, colours) => {
        const shown = neutralise(parts.join(''), colours);
        const rest = shown.replace(/\u001b\[[0-9;]*m/g, '');
        expect(rest).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
        expect(colours || shown === rest).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([['\u009d'], [`${ESC}]`], [`${ESC}[`], [`${ESC}[1;`], ['\r']])(
    'is neutralised even if it is 64 KB of %j',
    (piece) => {
      const text = piece.repeat(65_536 / piece.length);
      const startMs = performance.now();
      const plain = neutralise(text, true);
      console.info(`64 KB of ${JSON.stringify(piece)}: ${(performance.now() - startMs).toFixed(1)} ms`);
      expect(plain).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    },
  );

  test('means the same as JSON, without a character that a terminal obeys', () => {
    const value = { message: `a${ESC}]0;x\u0007\u009b31m\u202e` };
    const text = neutralJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toMatch(/^[\x20-\x7e]*$/);
  });
});
