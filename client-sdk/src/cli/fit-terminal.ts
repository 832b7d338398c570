// oxlint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[[0-9;]*m)/;

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
  const width = line.split(COLOUR).reduce((sum, part, index) => sum + (index % 2 === 0 ? part.length : 0), 0);
  return Math.max(1, Math.ceil(width / columns));
}

/** Every colour stays, so that none leaks into what follows. */
function cut(line: string, columns: number): string {
  let left = columns;
  // split() with a group gives text, colour, text, …
  const parts = line.split(COLOUR).map((part, index) => {
    if (index % 2 === 1) return part;
    const kept = part.slice(0, left);
    left -= kept.length;
    return kept;
  });
  return parts.join('');
}
