import stringWidth from 'string-width';
import { terminalTokens } from '@launchlog/shared/terminal-sequence';

const CHARACTERS = new Intl.Segmenter();

/** Columns that a text takes on a terminal: two for most CJK characters and emoji, none for colours and accents. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Appends spaces up to a width in columns. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** The beginning of a line that fits into the columns. Keeps every colour, so that none leaks into the next line. */
export function cutToWidth(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let left = columns;
  let shown = '';
  for (const { kind, raw } of terminalTokens(line)) {
    const kept = kind === 'text' ? fitting(raw, left) : raw;
    shown += kept;
    // Once a character did not fit, none that follows may, even if it is narrower.
    if (kind === 'text') left = kept === raw ? left - widthOf(kept) : 0;
  }
  return shown;
}

/** The lines of a text that fit into the columns, broken at spaces; a word that is longer has a line of its own. */
export function wrapToWidth(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Rows of the terminal that a line takes. A wide character that does not fit at the end of a row begins the next one. */
export function rowsOf(line: string, columns: number): number {
  let rows = 1;
  let column = 0;
  for (const { kind, raw } of terminalTokens(line)) {
    if (kind !== 'text') continue;
    for (const { segment } of CHARACTERS.segment(raw)) {
      const width = widthOf(segment);
      if (column + width > columns) {
        rows += 1;
        column = 0;
      }
      column += width;
    }
  }
  return rows;
}

function fitting(text: string, columns: number): string {
  let left = columns;
  for (const { segment, index } of CHARACTERS.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) return text.slice(0, index);
  }
  return text;
}
