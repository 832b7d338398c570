import type { LogFilter } from '@launchlog/shared/log-query';
import { RE2JS } from 're2js';

/** UTF-16 offsets in the message: `from` is inclusive, `to` exclusive. */
export type Highlight = [from: number, to: number];

/**
 * The most that finding the highlights of one entry may cost, in steps of the program times characters. A step takes up to 40
 * ns.
 */
const STEPS_MAX = 250_000;
/** Highlights of one entry. A search for one letter must not return a list longer than the message. */
const HIGHLIGHTS_MAX = 100;

/** Returns a function that finds a filter's text and expression in a message. The expression must be valid. */
export function highlighter({ q, regex }: Pick<LogFilter, 'q' | 'regex'>): (message: string) => Highlight[] {
  const expression = regex ? RE2JS.compile(regex) : undefined;
  const text = q?.toLowerCase() ?? '';
  return (message) => {
    const found = [
      ...(text === '' ? [] : textMatches(message, text)),
      ...(expression === undefined ? [] : expressionMatches(message, expression)),
    ];
    return united(found).slice(0, HIGHLIGHTS_MAX);
  };
}

function textMatches(message: string, text: string): Highlight[] {
  const { lower, origin } = lowered(message);
  const found: Highlight[] = [];
  for (let at = lower.indexOf(text); at >= 0 && found.length < HIGHLIGHTS_MAX;) {
    const end = at + text.length;
    found.push([origin(at), Math.max(origin(at) + 1, origin(end))]);
    at = lower.indexOf(text, end);
  }
  return found;
}

/** Lower case may be longer than the original ("İ" becomes two characters): then offsets are mapped back. */
function lowered(message: string): { lower: string; origin: (offset: number) => number } {
  const lower = message.toLowerCase();
  if (lower.length === message.length) return { lower, origin: (offset) => offset };
  const origins: number[] = [];
  let at = 0;
  for (const character of message) {
    for (let unit = 0; unit < character.toLowerCase().length; unit += 1) origins.push(at);
    at += character.length;
  }
  return { lower, origin: (offset) => origins[offset] ?? message.length };
}

function expressionMatches(message: string, expression: RE2JS): Highlight[] {
  const matcher = expression.matcher(message.slice(0, Math.floor(STEPS_MAX / expression.programSize())));
  const found: Highlight[] = [];
  while (found.length < HIGHLIGHTS_MAX && matcher.find()) {
    if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()]);
  }
  return found;
}

/** Sorts highlights and merges those that overlap. */
function united(found: readonly Highlight[]): Highlight[] {
  const result: Highlight[] = [];
  for (const [from, to] of found.toSorted((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
