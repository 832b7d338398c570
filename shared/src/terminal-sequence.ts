/**
 * The control functions of a terminal (ECMA-48), as they appear in a program's output:
 *
 *     control sequence   ESC [  31;1   m           colours, cursor movement, erasing
 *                        ───┬── ──┬──  ┬
 *                   introducer parameters final
 *     string             ESC ]  0;title  BEL       titles, links, the clipboard; also DCS, SOS, PM and APC
 *     escape             ESC ( B                   everything else that begins with ESC
 *     control            BS                        one character of C0, DEL or C1, but not tab and newline
 *
 * `unfinished` marks a control sequence without its final character and a string that the end of the text cuts off.
 */
type TerminalToken =
  | { readonly kind: 'text' | 'escape' | 'control'; readonly raw: string }
  | { readonly kind: 'string'; readonly raw: string; readonly unfinished: boolean }
  | {
      readonly kind: 'control-sequence';
      readonly raw: string;
      readonly unfinished: boolean;
      readonly parameters: string;
      /** What it does: `m` sets colours. Empty if unfinished. */
      readonly final: string;
    };

/** Splits a text into plain text and control functions, in their 7-bit and 8-bit forms. Joining every `raw` restores it. */
export function* terminalTokens(text: string): Generator<TerminalToken, void, void> {
  let end = 0;
  for (const match of text.matchAll(ANY_CONTROL)) {
    if (match.index > end) yield { kind: 'text', raw: text.slice(end, match.index) };
    end = match.index + match[0].length;
    yield tokenOf(match);
  }
  if (end < text.length) yield { kind: 'text', raw: text.slice(end) };
}

/**
 * Removes the 7-bit control functions. The 8-bit forms stay: in wrongly decoded text they are halves of quotation
 * marks. A string without an end loses only its introducer, so it cannot hide what follows.
 */
export function stripSequences(text: string): string {
  return text.replace(SEVEN_BIT_SEQUENCE, '');
}

/** Removes every character of C0, DEL and C1, except tab and newline. */
export function stripControls(text: string): string {
  return text.replace(CONTROL, '');
}

/** Replaces control characters (not tab and newline), and the characters that reorder or break the text around them. */
export function replaceUnprintable(text: string, replacement: (character: string) => string): string {
  return text.replace(UNPRINTABLE, replacement);
}

/** Writes unprintable characters as JSON does: `\u001b`. */
export function escapeUnprintable(text: string): string {
  return replaceUnprintable(
    text,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// The classes that follow each other are disjoint, so matching takes time linear in the length of the text.
const CONTROL_CLASS = String.raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f`;
const PARAMETERS_AND_FINAL = '([0-?]*)[ -/]*([@-~]?)';
const ESCAPE = String.raw`\u001b[ -/]*[0-~]?`;

const SEVEN_BIT_SEQUENCE = new RegExp(
  [
    String.raw`\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)`,
    String.raw`\u001b\[${PARAMETERS_AND_FINAL}`,
    ESCAPE,
  ].join('|'),
  'g',
);

const ANY_CONTROL = new RegExp(
  [
    String.raw`(\u001b\[|\u009b)${PARAMETERS_AND_FINAL}`,
    String.raw`(\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(\u0007|\u001b\\|\u009c|$)`,
    `(${ESCAPE})`,
    `[${CONTROL_CLASS}]`,
  ].join('|'),
  'g',
);

const CONTROL = new RegExp(`[${CONTROL_CLASS}]`, 'g');
const UNPRINTABLE = new RegExp(
  String.raw`[${CONTROL_CLASS}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]`,
  'g',
);

function tokenOf(match: RegExpExecArray): TerminalToken {
  const [raw, sequence, parameters = '', final = '', string, terminator, escape] = match;
  if (sequence !== undefined) {
    return { kind: 'control-sequence', raw, parameters, final, unfinished: final === '' };
  }
  if (string !== undefined) return { kind: 'string', raw, unfinished: terminator === '' };
  return { kind: escape === undefined ? 'control' : 'escape', raw };
}
