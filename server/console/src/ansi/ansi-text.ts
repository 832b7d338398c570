import { terminalTokens } from '@launchlog/shared/terminal-sequence';
import { ansiColour } from './ansi-colour.js';

/** The style of a piece of text. Colours are indexes into the theme's sixteen colours. */
export interface TextStyle {
  readonly foreground?: number | undefined;
  readonly background?: number | undefined;
  readonly bold?: boolean | undefined;
  readonly dim?: boolean | undefined;
  readonly italic?: boolean | undefined;
  readonly underline?: boolean | undefined;
}

export interface StyleRun extends TextStyle {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

interface AnsiText {
  readonly text: string;
  /** Ascending and without overlaps. Unstyled text has no run. */
  readonly runs: readonly StyleRun[];
}

/** Removes every control function and control character but tab and newline, and keeps the colours as runs. */
export function parseAnsi(message: string): AnsiText {
  const runs: StyleRun[] = [];
  let text = '';
  let style: TextStyle = {};
  for (const token of terminalTokens(message)) {
    if (token.kind === 'text') {
      const start = text.length;
      text += token.raw;
      if (Object.keys(style).length > 0) runs.push({ ...style, start, end: text.length });
    } else if (token.kind === 'control-sequence' && token.final === 'm') {
      style = restyle(style, token.parameters);
    }
  }
  return { text, runs };
}

/**
 * Applies the parameters of one `ESC [ … m`; unknown ones are ignored. Parameters are separated by semicolons. A
 * palette or RGB colour is given in the parameters that follow (`38;2;r;g;b`) or in the subparameters of one
 * (`38:2::r:g:b`, ISO 8613-6).
 */
function restyle(before: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(';').map((parameter) => parameter.split(':').map(Number));
  let style = { ...before };
  for (let index = 0; index < codes.length; index += 1) {
    const [code = 0, ...subparameters] = codes[index] ?? [];
    if (code === 38 || code === 48) {
      const inline = subparameters.length > 0;
      const following = codes.slice(index + 1).map(([next = 0]) => next);
      const { colour, used } = ansiColour(inline ? withoutColourSpace(subparameters) : following);
      if (colour !== undefined) style = { ...style, [code === 38 ? 'foreground' : 'background']: colour };
      if (!inline) index += used;
    } else {
      // `4:0` is no underline; `4:3` is a curly one.
      style = { ...style, ...simpleStyle(code === 4 && subparameters[0] === 0 ? 24 : code, style) };
    }
  }
  return Object.fromEntries(Object.entries(style).filter(([, value]) => value !== undefined));
}

/** `2:<colour space>:r:g:b` as `2:r:g:b`, the form that many programs write directly. */
function withoutColourSpace([mode = 0, ...rest]: readonly number[]): number[] {
  return mode === 2 && rest.length > 3 ? [mode, ...rest.slice(1)] : [mode, ...rest];
}

const RESET: TextStyle = {
  foreground: undefined,
  background: undefined,
  bold: undefined,
  dim: undefined,
  italic: undefined,
  underline: undefined,
};

function simpleStyle(code: number, style: TextStyle): TextStyle {
  if (code >= 30 && code <= 37) return { foreground: code - 30 };
  if (code >= 90 && code <= 97) return { foreground: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { background: code - 40 };
  if (code >= 100 && code <= 107) return { background: code - 100 + 8 };
  switch (code) {
    case 0:
      return RESET;
    case 1:
      return { bold: true };
    case 2:
      return { dim: true };
    case 3:
      return { italic: true };
    case 4:
      return { underline: true };
    case 7:
    case 27:
      return { foreground: style.background, background: style.foreground };
    case 22:
      return { bold: undefined, dim: undefined };
    case 23:
      return { italic: undefined };
    case 24:
      return { underline: undefined };
    case 39:
      return { foreground: undefined };
    case 49:
      return { background: undefined };
    default:
      return {};
  }
}
