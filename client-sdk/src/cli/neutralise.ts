/** Sequences with a text of their own: titles, clipboard, hyperlinks. An unfinished one is shown as text. */
const STRING_SEQUENCE =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)/g;
/** Cursor movement, erasing, colours: everything that begins with CSI. */
// oxlint-disable-next-line no-control-regex
const CONTROL_SEQUENCE = /(?:\u001b\[|\u009b)([0-9:;<=>?]*)[ -/]*([@-~])/g;
/** What is left of C0, DEL and C1, but not tab and newline. */
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters that reorder or break what stands beside them. */
const DECEPTIVE = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** Resets, weights, underline and colours; not blinking, inverse or hidden text. */
const COLOUR =
  /^(?:(?:[0-4]|2[1-4]|[34][0-79]|9[0-7]|10[0-7]|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})?(?:;|$))*$/;
const COLOUR_MAX_CHARACTERS = 64;
const RESET = '\u001b[0m';
const SYMBOLS_START = 0x2400;
const DELETE = 0x7f;
const DELETE_SYMBOL = '\u2421';

/**
 * A line of somebody else's output, made harmless for a terminal: it can move no cursor, set no title, write no
 * clipboard, hide nothing and begin no line of its own. Colours stay where `colours` asks for them.
 */
export function neutralise(text: string, colours: boolean): string {
  const folded = lastOverwrite(text);
  // oxlint-disable-next-line no-control-regex
  if (!/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e-\u202e\u2066-\u2069\ufeff]/.test(folded))
    return folded;
  let coloured = false;
  const plain = folded
    .replace(STRING_SEQUENCE, '')
    .split(CONTROL_SEQUENCE)
    .map((part, index, parts) => {
      // split() with two groups gives text, parameters, final byte, text, …
      if (index % 3 === 0) return visible(part);
      if (index % 3 === 1 || !colours || part !== 'm' || !isColour(parts[index - 1] ?? '')) return '';
      coloured = true;
      return `\u001b[${parts[index - 1]}m`;
    })
    .join('');
  return coloured ? plain + RESET : plain;
}

/** The same as JSON on one line: what JSON leaves alone but a terminal acts on is written as \u escapes. */
export function neutralJson(value: unknown): string {
  return JSON.stringify(value).replace(
    // oxlint-disable-next-line no-control-regex
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isColour(parameters: string): boolean {
  return parameters.length <= COLOUR_MAX_CHARACTERS && COLOUR.test(parameters);
}

/** A progress bar redraws itself behind carriage returns: only its last state was to be seen. */
function lastOverwrite(text: string): string {
  if (!text.includes('\r')) return text;
  return text
    .split('\n')
    .map((line) => line.split('\r').findLast((part) => part !== '') ?? '')
    .join('\n');
}

function visible(text: string): string {
  return text.replace(CONTROL_CHARACTER, symbolOf).replace(DECEPTIVE, '\ufffd').replaceAll('\n', '\n    ');
}

function symbolOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(SYMBOLS_START + code);
  return code === DELETE ? DELETE_SYMBOL : '\ufffd';
}
