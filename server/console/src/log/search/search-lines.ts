import type { SearchAnswer, SearchRequest } from './search-worker-protocol.js';

/** Maximum number of marks in one line: a pattern that matches every character must not create a thousand elements. */
const RANGES_PER_LINE_CAP = 100;

export function searchLines(request: SearchRequest): SearchAnswer {
  const ids: number[] = [];
  const ranges: number[][] = [];
  for (const [index, text] of request.texts.entries()) {
    const found = findRanges(request.pattern, text);
    const id = request.ids[index];
    if (found.length === 0 || id === undefined) continue;
    ids.push(id);
    ranges.push(found);
  }
  return { run: request.run, ids, ranges };
}

/** Start and end of each match, flat: `[start, end, start, end, …]`. Empty matches are skipped. */
function findRanges(pattern: RegExp, text: string): number[] {
  const ranges: number[] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    ranges.push(match.index, match.index + match[0].length);
    if (ranges.length >= RANGES_PER_LINE_CAP * 2) break;
  }
  return ranges;
}
