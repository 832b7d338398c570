import { escapeUnprintable, replaceUnprintable, terminalTokens } from '@launchlog/shared/terminal-sequence';

/** Resets, weights, underline and colours, but not blinking, inverse or hidden text. */
const COLOUR =
  /^(?:(?:[0-4]|2[1-4]|[34][0-79]|9[0-7]|10[0-7]|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})?(?:;|$))*$/;
const COLOUR_MAX_CHARACTERS = 64;
const RESET = '\u001b[0m';
const SYMBOLS_START = 0x2400;
const DELETE = 0x7f;
const DELETE_SYMBOL = '\u2421';

/**
 * Makes a line of somebody else's output harmless for a terminal: it can move no cursor, set no title, write no
 * clipboard, hide nothing and begin no line of its own. `colours` keeps its colours.
 */
export function neutralise(text: string, colours: boolean): string {
  let coloured = false;
  let shown = '';
  for (const token of terminalTokens(lastOverwrite(text))) {
    if (token.kind === 'control-sequence' && !token.unfinished) {
      if (!colours || token.final !== 'm' || !isColour(token.parameters)) continue;
      coloured = true;
      shown += `\u001b[${token.parameters}m`;
    } else if (token.kind !== 'string' || token.unfinished) {
      shown += visible(token.raw);
    }
  }
  return coloured ? shown + RESET : shown;
}

/** JSON on one line; characters that JSON leaves alone but a terminal obeys become \u escapes. */
export function neutralJson(value: unknown): string {
  return escapeUnprintable(JSON.stringify(value));
}

function isColour(parameters: string): boolean {
  return parameters.length <= COLOUR_MAX_CHARACTERS && COLOUR.test(parameters);
}

/** A progress bar redraws itself after carriage returns: only its last state was meant to be seen. */
function lastOverwrite(text: string): string {
  if (!text.includes('\r')) return text;
  return text
    .split('\n')
    .map((line) => line.split('\r').findLast((part) => part !== '') ?? '')
    .join('\n');
}

function visible(text: string): string {
  return replaceUnprintable(text, symbolOf).replaceAll('\n', '\n    ');
}

/** `␛` for an escape; most characters have no such symbol. */
function symbolOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(SYMBOLS_START + code);
  return code === DELETE ? DELETE_SYMBOL : '\ufffd';
}
