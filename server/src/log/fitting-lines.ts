import type { LogRange, LogSlice } from './log-store.js';

/** The lines of a range that are within its `maxBytes`, from lines that are at hand. A character counts as a byte. */
export function fittingLines(
  { lines, linesFrom }: Pick<LogSlice, 'lines' | 'linesFrom'>,
  { from, maxBytes }: LogRange,
): Pick<LogSlice, 'lines' | 'linesFrom'> {
  if (maxBytes === undefined) return { lines, linesFrom };
  const isTail = 'tail' in from;
  let [fitting, bytes] = [0, 0];
  while (fitting < lines.length) {
    bytes += (isTail ? lines.at(-1 - fitting) : lines[fitting])?.length ?? 0;
    if (fitting > 0 && bytes > maxBytes) break;
    fitting += 1;
  }
  if (!isTail) return { lines: lines.slice(0, fitting), linesFrom };
  const left = lines.length - fitting;
  return { lines: lines.slice(left), linesFrom: linesFrom + left };
}
