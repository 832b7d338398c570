import { describe, expect, test } from 'vitest';
import { formatLineAnchor, parseLineAnchor } from '@launchlog/console/log/line/line-anchor';
import { readRowFilter, writeRowFilter } from '@launchlog/console/log/store/row-filter';
import { compileQuery, readSearchQuery, writeSearchQuery } from '@launchlog/console/log/search/search-query';

describe('a link to a log', () => {
  test('gives back the filters and the search that were written', () => {
    const search = new URLSearchParams(
      'level=warn,error&phase=installing&source=vllm&q=a%26b&regex=1&case=1',
    );
    const written = {
      ...writeRowFilter(readRowFilter(search)),
      ...writeSearchQuery(readSearchQuery(search)),
    };
    expect(written).toEqual(Object.fromEntries(search));
  });

  test('ignores unknown values', () => {
    expect(writeRowFilter(readRowFilter(new URLSearchParams('level=loud,error&phase=')))).toEqual({
      level: 'error',
      phase: '',
      source: '',
    });
  });

  test('gives back a line or a range of lines', () => {
    expect(parseLineAnchor('#L12')).toEqual({ from: 12, to: 12 });
    expect(parseLineAnchor('#L40-L12')).toEqual({ from: 12, to: 40 });
    expect(formatLineAnchor({ from: 12, to: 40 })).toBe('#L12-L40');
    for (const hash of ['', '#L0', '#L', '#12', '#L1-', '#L1-2', '#L1 '])
      expect(parseLineAnchor(hash)).toBeUndefined();
  });
});

describe('an invalid expression', () => {
  test('is answered with the reason and not repeated in it', () => {
    expect(compileQuery({ text: '(/g: x', isRegex: true, matchCase: false })).toEqual({
      problem: "a '(' is not closed",
    });
  });
});
