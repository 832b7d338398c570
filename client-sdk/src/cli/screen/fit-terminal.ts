import { terminalTokens } from '@launchlog/shared/terminal-sequence';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What of a text fits a terminal without scrolling it, the line of the cursor below it included. */
export function fitTerminal(text: string, { columns, rows }: TerminalSize): string {
  const lines = text.split('\n');
  const left = lines.length - Math.max(1, rows - 2);
  const shown = lines.length < rows ? lines : [...lines.slice(0, -left), `… and ${left} more lines`];
  return shown.map((line) => cut(line, columns)).join('\n');
}

/** How many rows of the terminal a line takes; colours have no width. */
export function rowsOf(line: string, columns: number): number {
  let width = 0;
  for (const { kind, raw } of terminalTokens(line)) if (kind === 'text') width += raw.length;
  return Math.max(1, Math.ceil(width / columns));
}

/** Keeps every colour, so that none leaks into the next line. */
function cut(line: string, columns: number): string {
  let left = columns;
  let shown = '';
  for (const { kind, raw } of terminalTokens(line)) {
    const kept = kind === 'text' ? raw.slice(0, left) : raw;
    if (kind === 'text') left -= kept.length;
    shown += kept;
  }
  return shown;
}
