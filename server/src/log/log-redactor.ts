import type { LogDetails } from '@launchlog/shared/log-entry';
import { PrivateKeyBlock } from './private-key-block.js';
import { maskKnownFormats } from './secret-formats.js';
import { SecretValues } from './secret-values.js';

/**
 * Masks secrets before anything is stored. One for each launch: it knows the launch's own secret values and remembers,
 * from line to line, whether a private key is being printed. Time is linear in the length of the line.
 *
 * The caller owes complete lines without ANSI sequences; a stream that is cut elsewhere goes through `ChunkRedactor`.
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
    return maskKnownFormats(this.#values.mask(text));
  }

  redactDetails(details: LogDetails): LogDetails {
    const masked: LogDetails = {};
    for (const [name, value] of Object.entries(details)) {
      masked[name] = typeof value === 'string' ? this.redactText(value) : value;
    }
    return masked;
  }

  /** Characters of the longest known value in any encoding: so much can a cut between two chunks hide. */
  get longestValue(): number {
    return this.#values.longest;
  }
}
