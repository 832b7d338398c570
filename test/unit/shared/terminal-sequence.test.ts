import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  escapeUnprintable,
  stripControls,
  stripSequences,
  terminalTokens,
} from '@launchlog/shared/terminal-sequence';

const ESC = '\u001b';
const BEL = '\u0007';

describe('the control functions in a text', () => {
  test.each([
    [
      'a colour',
      `${ESC}[1;31m`,
      { kind: 'control-sequence', parameters: '1;31', final: 'm', unfinished: false },
    ],
    [
      'an 8-bit colour',
      '\u009b32m',
      { kind: 'control-sequence', parameters: '32', final: 'm', unfinished: false },
    ],
    [
      'a cursor shape',
      `${ESC}[2 q`,
      { kind: 'control-sequence', parameters: '2', final: 'q', unfinished: false },
    ],
    [
      'a cut colour',
      `${ESC}[31`,
      { kind: 'control-sequence', parameters: '31', final: '', unfinished: true },
    ],
    ['a title', `${ESC}]0;title${BEL}`, { kind: 'string', unfinished: false }],
    ['a link', `${ESC}]8;;https://example.com${ESC}\\`, { kind: 'string', unfinished: false }],
    ['an 8-bit title', '\u009d0;title\u009c', { kind: 'string', unfinished: false }],
    ['a cut title', `${ESC}]0;title`, { kind: 'string', unfinished: true }],
    ['a character set', `${ESC}(B`, { kind: 'escape' }],
    ['a reset', `${ESC}c`, { kind: 'escape' }],
    ['a lone escape', ESC, { kind: 'escape' }],
    ['a bell', BEL, { kind: 'control' }],
    ['an 8-bit control', '\u0085', { kind: 'control' }],
    ['tab and newline', '\t\n', { kind: 'text' }],
  ])('%s is one token', (_name, raw, token) => {
    expect([...terminalTokens(raw)]).toEqual([{ raw, ...token }]);
  });

  test('text stands between them', () => {
    const tokens = [...terminalTokens(`a${ESC}[31mb${ESC}[0m`)];
    expect(tokens.map(({ kind, raw }) => [kind, raw])).toEqual([
      ['text', 'a'],
      ['control-sequence', `${ESC}[31m`],
      ['text', 'b'],
      ['control-sequence', `${ESC}[0m`],
    ]);
  });

  test('a string that another sequence interrupts hides nothing but its introducer', () => {
    const tokens = [...terminalTokens(`${ESC}]0;a${ESC}[31mb`)];
    expect(tokens.map(({ kind, raw }) => [kind, raw])).toEqual([
      ['escape', `${ESC}]`],
      ['text', '0;a'],
      ['control-sequence', `${ESC}[31m`],
      ['text', 'b'],
    ]);
  });

  test('the tokens of any text restore it, and its text tokens hold no control character', () => {
    const pieces = fc.constantFrom(
      ESC,
      BEL,
      '[',
      ']',
      '\\',
      ' ',
      '3',
      ';',
      'm',
      '\u009b',
      '\u009c',
      '\u009d',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const tokens = [...terminalTokens(parts.join(''))];
        expect(tokens.map(({ raw }) => raw).join('')).toBe(parts.join(''));
        const text = tokens.flatMap(({ kind, raw }) => (kind === 'text' ? [raw] : [])).join('');
        expect(stripControls(text)).toBe(text);
      }),
    );
  });

  test.each([ESC, `${ESC}[`, `${ESC}]`, `${ESC}]x`, `${ESC}[1;`, '\u009b', '\u009d', `${ESC}P\u0085`])(
    'a megabyte of %j takes time linear in its length',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_048_576 / piece.length));
      let length = 0;
      for (const { raw } of terminalTokens(text)) length += raw.length;
      expect(length).toBe(text.length);
    },
  );
});

test('stripping leaves 8-bit forms, and the text of a string without an end', () => {
  expect(stripSequences(`${ESC}[31ma${ESC}]0;b${ESC}(B\u009b31m`)).toBe('a0;b\u009b31m');
});

test('unprintable characters are written as JSON escapes; tabs, newlines and every script stay', () => {
  expect(escapeUnprintable(`a${ESC}\u202e\u0085\t\n漢 🚀`)).toBe('a\\u001b\\u202e\\u0085\t\n漢 🚀');
});
