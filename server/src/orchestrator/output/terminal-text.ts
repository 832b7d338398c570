/** What a terminal would show of one line in the end: without colours, controls and the states that were overwritten. */
export function plainText(raw: string): string {
  return lastState(raw.replaceAll('\r\n', '\n').replace(ESCAPE_SEQUENCES, ''))
    .replace(CONTROLS, '')
    .trimEnd();
}

/**
 * Operating-system commands (titles, links) with their text, control sequences (colours, cursor), two-character
 * escapes. Their 8-bit forms are not taken for such: in wrongly decoded text these are halves of quotation marks. A
 * command without an end hides nothing. The classes of each part are disjoint, so matching is linear.
 */
/* oxlint-disable eslint/no-control-regex -- control characters are what this is about */
const ESCAPE_SEQUENCES =
  /\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)|\u001B\[[0-?]*[ -/]*[@-~]?|\u001B[ -/]*[0-~]?/g;

const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
/* oxlint-enable eslint/no-control-regex */

/** A progress bar returns to the line's beginning and draws itself again: only its last state counts. */
function lastState(text: string): string {
  if (!text.includes('\r')) return text;
  return text.split('\r').findLast((state) => state.trim() !== '') ?? '';
}
