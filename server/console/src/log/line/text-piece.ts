import type { StyleRun, TextStyle } from '../../ansi/ansi-text.js';

/** A piece of a line with one style throughout. */
export interface TextPiece {
  readonly text: string;
  readonly style: TextStyle | undefined;
  readonly marked: boolean;
}

/** Cuts a line wherever a style or a search mark starts or ends. `ranges` are flat, as `findRanges` returns them. */
export function textPieces(
  text: string,
  runs: readonly StyleRun[],
  ranges: readonly number[] = [],
): readonly TextPiece[] {
  if (runs.length === 0 && ranges.length === 0) return [{ text, style: undefined, marked: false }];
  const cuts = new Set([0, text.length]);
  for (const run of runs) cuts.add(run.start).add(run.end);
  for (const edge of ranges) cuts.add(edge);
  const edges = [...cuts].filter((edge) => edge <= text.length).sort((one, other) => one - other);
  const pieces: TextPiece[] = [];
  let run = 0;
  let range = 0;
  for (const [index, start] of edges.slice(0, -1).entries()) {
    while ((runs[run]?.end ?? Number.POSITIVE_INFINITY) <= start) run += 1;
    while ((ranges[range + 1] ?? Number.POSITIVE_INFINITY) <= start) range += 2;
    const style = runs[run];
    pieces.push({
      text: text.slice(start, edges[index + 1]),
      style: style !== undefined && style.start <= start ? style : undefined,
      marked: (ranges[range] ?? Number.POSITIVE_INFINITY) <= start,
    });
  }
  return pieces;
}
