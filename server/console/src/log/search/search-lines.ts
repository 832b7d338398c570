import { findRanges } from './find-ranges.js';
import type { SearchAnswer, SearchRequest } from './search-worker-protocol.js';

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
