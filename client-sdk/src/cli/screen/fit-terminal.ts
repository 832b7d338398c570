import { cutToWidth } from './text-width.js';

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;
const HOME = '\u001b[H';
/** Line by line: at the top of the screen, some terminals move what `erase below` erases into their history. */
const ERASE_LINE = '\u001b[2K';
const ERASE_BELOW = '\u001b[0J';

interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Cuts a text to what a terminal shows without scrolling, including the line of the cursor below the text. */
export function fitTerminal(text: string, { columns, rows }: TerminalSize): string {
  const lines = text.split('\n');
  const left = lines.length - Math.max(1, rows - 2);
  const shown = lines.length < rows ? lines : [...lines.slice(0, -left), `… and ${left} more lines`];
  return shown.map((line) => cutToWidth(line, columns)).join('\n');
}

/** Replaces the content of the screen. The default size is for terminals that do not report theirs. */
export function redrawInPlace(terminal: NodeJS.WriteStream, text: string): void {
  const size = { columns: terminal.columns || COLUMNS_DEFAULT, rows: terminal.rows || ROWS_DEFAULT };
  const lines = fitTerminal(text, size)
    .split('\n')
    .map((line) => `${ERASE_LINE}${line}\n`);
  terminal.write(`${HOME}${lines.join('')}${ERASE_BELOW}`);
}
