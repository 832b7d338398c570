import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textPieces } from '@launchlog/console/log/line/text-piece';

describe('text pieces', () => {
  test('a mark that starts in one colour and ends in another is cut in two', () => {
    const pieces = textPieces('abcdef', [{ start: 0, end: 3, foreground: 1 }], [2, 5]);
    expect(pieces.map(({ text, marked, style }) => [text, marked, style?.foreground])).toEqual([
      ['ab', false, 1],
      ['c', true, 1],
      ['de', true, undefined],
      ['f', false, undefined],
    ]);
  });

  test('the pieces add up to the text, whatever the runs and ranges', () => {
    const edges = fc.uniqueArray(fc.nat(20), { minLength: 2, maxLength: 6 }).map((list) => {
      const sorted = list.toSorted((one, other) => one - other);
      return sorted.slice(0, sorted.length - (sorted.length % 2));
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), edges, edges, (text, runEdges, ranges) => {
        const runs = runEdges.flatMap((start, index) =>
          index % 2 === 0 ? [{ start, end: runEdges[index + 1] ?? start, bold: true }] : [],
        );
        const pieces = textPieces(text, runs, ranges);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      }),
    );
  });
});
