/**
 * The line that replaces an entry which its store has lost to damage. Readers get a `gap` with the reason `damaged` for it.
 */
export function damagedLine(seq: number): string {
  return `{"seq":${seq}${ENDING}`;
}

export function isDamagedLine(line: string): boolean {
  return line.length <= LONGEST && line.endsWith(ENDING);
}

const ENDING = ',"damaged":true}';
/** `{"seq":`, the digits of a safe integer, the ending: shorter than any entry. */
const LONGEST = 7 + 16 + ENDING.length;
