import { cutToWidth } from './text-width.js';

export interface TerminalSize {
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
