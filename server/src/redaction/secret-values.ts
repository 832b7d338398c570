import { MASK } from './mask.js';
import { encodingsOf } from './secret-encodings.js';

/** Shorter values would mask ordinary words, and would be too easy to guess to be secrets. */
const VALUE_MIN_CHARACTERS = 6;

/** Finds the exact values of known secrets, also as URLs, base64, hexadecimal, JSON, HTML and shells encode them. */
export class SecretValues {
  readonly #needles: readonly string[];

  constructor(values: Iterable<string>) {
    const needles = new Set<string>();
    for (const value of values) {
      for (const part of partsOf(value)) {
        for (const form of encodingsOf(part)) if (form.length >= VALUE_MIN_CHARACTERS) needles.add(form);
      }
    }
    this.#needles = [...needles];
  }

  mask(text: string): string {
    return masked(text, this.#ranges(text));
  }

  /** For a text whose end is missing: also masks a possible beginning of a value there. */
  maskCut(text: string): string {
    const halves = this.#needles.map((needle) => text.length - halfLength(text, needle));
    return masked(text, [...this.#ranges(text), { from: Math.min(text.length, ...halves), to: text.length }]);
  }

  #ranges(text: string): Range[] {
    return this.#needles.flatMap((needle) => rangesOf(text, needle));
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function rangesOf(text: string, needle: string): Range[] {
  const ranges: Range[] = [];
  for (let from = text.indexOf(needle); from >= 0; from = text.indexOf(needle, from + needle.length)) {
    ranges.push({ from, to: from + needle.length });
  }
  return ranges;
}

/** Masks overlapping values as one, so that no part of either is left between two masks. */
function masked(text: string, ranges: readonly Range[]): string {
  let shown = '';
  let at = 0;
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    if (to <= at) continue;
    if (from >= at) shown += text.slice(at, from) + MASK;
    at = to;
  }
  return shown + text.slice(at);
}

/** How many characters at the end of the text are a beginning of the needle (Knuth-Morris-Pratt: linear time). */
function halfLength(text: string, needle: string): number {
  const borders = bordersOf(needle);
  let length = 0;
  for (let at = Math.max(0, text.length - needle.length + 1); at < text.length; at += 1) {
    while (length > 0 && text[at] !== needle[length]) length = borders[length - 1] ?? 0;
    if (text[at] === needle[length]) length += 1;
  }
  return length;
}

/** For each prefix of the needle, the length of its longest proper suffix that is also a prefix. */
function bordersOf(needle: string): number[] {
  const borders = [0];
  let length = 0;
  for (let at = 1; at < needle.length; at += 1) {
    while (length > 0 && needle[at] !== needle[length]) length = borders[length - 1] ?? 0;
    if (needle[at] === needle[length]) length += 1;
    borders.push(length);
  }
  return borders;
}

/** A secret of several lines (a key file) reaches the log line by line. */
function partsOf(value: string): string[] {
  return [value, ...value.split(/\r?\n/)].filter((part) => part.trim().length >= VALUE_MIN_CHARACTERS);
}
