import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnsi } from '@launchlog/console/ansi/ansi-text';

const ESC = '\u001b';

describe('ANSI text', () => {
  test('plain text is unchanged', () => {
    expect(parseAnsi('plain [32m text')).toEqual({ text: 'plain [32m text', runs: [] });
  });

  test('a colour at the very start applies until it is reset', () => {
    expect(parseAnsi(`${ESC}[32mgreen${ESC}[0m plain`)).toEqual({
      text: 'green plain',
      runs: [{ foreground: 2, start: 0, end: 5 }],
    });
  });

  test('styles add up and are reset one by one', () => {
    expect(parseAnsi(`${ESC}[1;31ma${ESC}[22mb${ESC}[39mc`).runs).toEqual([
      { foreground: 1, bold: true, start: 0, end: 1 },
      { foreground: 1, start: 1, end: 2 },
    ]);
  });

  test('colours of the cube, greys and true colours become the nearest of the sixteen', () => {
    expect(parseAnsi(`${ESC}[38;5;196mx`).runs[0]?.foreground).toBe(1);
    expect(parseAnsi(`${ESC}[38;2;255;255;255mx`).runs[0]?.foreground).toBe(15);
    expect(parseAnsi(`${ESC}[48;5;232mx`).runs[0]?.background).toBe(0);
  });

  test.each([
    ['38:5:196', { foreground: 1 }],
    ['38:2:255:255:255', { foreground: 15 }],
    ['38:2::205:49:49', { foreground: 1 }],
    ['48:2:0:0:0:0;1', { background: 0, bold: true }],
    ['4:3', { underline: true }],
    ['4;4:0;3', { italic: true }],
  ])('subparameters after colons are understood: %s', (parameters, style) => {
    expect(parseAnsi(`${ESC}[${parameters}mx`).runs).toEqual([{ ...style, start: 0, end: 1 }]);
  });

  test.each([
    ['a cursor movement', `a${ESC}[2Kb${ESC}[1A`, 'ab'],
    ['a title', `a${ESC}]0;evil${'\u0007'}b`, 'ab'],
    ['a link', `${ESC}]8;;http://x${ESC}\\text${ESC}]8;;${ESC}\\`, 'text'],
    ['an unfinished title', `a${ESC}]0;never ends`, 'a'],
    ['a lone escape at the end', `a${ESC}`, 'a'],
    ['a bell and a backspace', 'a\u0007b\u0008', 'ab'],
  ])('%s is removed', (_, message, text) => {
    expect(parseAnsi(message).text).toBe(text);
  });

  test('for any input only tabs and line ends remain of the control characters, and runs are ascending within the text', () => {
    const pieces = fc.constantFrom(
      ESC,
      '[',
      ']',
      '0',
      '3',
      '8',
      ';',
      ':',
      'm',
      'K',
      'a',
      '\\',
      '\u0007',
      '\u009b',
      '\r',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const { text, runs } = parseAnsi(parts.join(''));
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        let from = 0;
        for (const run of runs) {
          expect(run.start).toBeGreaterThanOrEqual(from);
          expect(run.end).toBeGreaterThan(run.start);
          from = run.end;
        }
        expect(from).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  test('a hostile line of a megabyte is parsed to its end', () => {
    const startedMs = performance.now();
    expect(parseAnsi(`${ESC}[`.repeat(500_000)).text).not.toContain(ESC);
    expect(parseAnsi(`${ESC}]`.repeat(200_000)).text).not.toContain(ESC);
    console.info(`a hostile megabyte: ${(performance.now() - startedMs).toFixed(0)} ms`);
  });
});
