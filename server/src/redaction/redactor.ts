import type { LogDetails } from '@launchlog/shared/log-entry';
import { CUT_MARK, UNREDACTED_CUT } from './cut-mark.js';
import { PrivateKeyBlock } from './private-key-block.js';
import { maskKnownFormats, maskUnclosedQuotes } from './secret-formats.js';
import { SecretValues } from './secret-values.js';

/** Longer than any beginning of a known format that is too short to be recognised. */
const UNRECOGNISED_MAX_CHARACTERS = 4 * 1024;

/**
 * Masks secrets before anything is stored. Each launch has its own: it knows the launch's secret values and remembers,
 * from line to line, whether a private key is being printed. Time is linear in the length of the line.
 *
 * The caller owes complete lines without ANSI sequences, and `UNREDACTED_CUT` where a line is not complete; a possible
 * beginning of a secret before that mark is left out. See decision 22.
 */
export class LogRedactor {
  readonly #values: SecretValues;
  readonly #block = new PrivateKeyBlock();

  constructor(secretValues: Iterable<string> = []) {
    this.#values = new SecretValues(secretValues);
  }

  /** Masks one line of output. Call it in the order of the output: lines inside a private key are masked too. */
  redact(line: string): string {
    return this.redactText(this.#block.mask(line));
  }

  /** Masks a text that is not a line of the output (a reason, a detail), without the memory of lines. */
  redactText(text: string): string {
    if (!text.includes(UNREDACTED_CUT)) return maskKnownFormats(this.#values.mask(text));
    const pieces = text.split(UNREDACTED_CUT);
    const last = pieces.pop() ?? '';
    return pieces.map((piece) => this.#beforeCut(piece) + CUT_MARK).join('') + this.redactText(last);
  }

  redactDetails(details: LogDetails): LogDetails {
    const masked: LogDetails = {};
    for (const [name, value] of Object.entries(details)) {
      masked[name] = typeof value === 'string' ? this.redactText(value) : value;
    }
    return masked;
  }

  /** A token has no blanks, so half of one can only be the last word, or the end of a very long word. */
  #beforeCut(text: string): string {
    const masked = maskKnownFormats(maskUnclosedQuotes(this.#values.maskCut(text)));
    return masked.slice(0, lastWordStart(masked)).trimEnd();
  }
}

function lastWordStart(text: string): number {
  const earliest = text.length - UNRECOGNISED_MAX_CHARACTERS;
  let start = text.length;
  while (start > earliest && /\S/.test(text[start - 1] ?? '')) start -= 1;
  return start;
}
