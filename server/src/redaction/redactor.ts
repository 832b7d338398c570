import type { LogDetails } from '@launchlog/shared/log-entry';
import { CUT_MARK, UNREDACTED_CUT } from './cut-mark.js';
import { PrivateKeyBlock } from './private-key-block.js';
import { maskKnownFormats, maskUnclosedQuotes } from './secret-formats.js';
import { SecretValues } from './secret-values.js';

/** Longer than the beginning of any known format by which that format is not yet recognised. */
const UNRECOGNISED_MAX_CHARACTERS = 4 * 1024;

/**
 * Masks secrets before anything is stored. One for each launch: it knows the launch's own secret values and remembers,
 * from line to line, whether a private key is being printed. Time is linear in the length of the line.
 *
 * The caller owes complete lines without ANSI sequences, and `UNREDACTED_CUT` where one is not complete: what may be the
 * beginning of a secret there is left out.
 */
export class LogRedactor {
  readonly #values: SecretValues;
  readonly #block = new PrivateKeyBlock();

  constructor(secretValues: Iterable<string> = []) {
    this.#values = new SecretValues(secretValues);
  }

  /** A line of output, in the order of the output: lines inside a private key are masked too. */
  redact(line: string): string {
    return this.redactText(this.#block.mask(line));
  }

  /** A text that is no line of the output (a reason, a detail): as `redact`, without the memory of lines. */
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

  /** A token has no blanks: what may be half of one is the last word, or the end of a very long one. */
  #beforeCut(text: string): string {
    const masked = maskKnownFormats(maskUnclosedQuotes(this.#values.maskCut(text)));
    return masked.slice(0, lastWordStart(masked)).trimEnd();
  }
}

function lastWordStart(text: string): number {
  const earliest = Math.max(0, text.length - UNRECOGNISED_MAX_CHARACTERS);
  let start = text.length;
  while (start > earliest && /\S/.test(text[start - 1] ?? '')) start -= 1;
  return start;
}
