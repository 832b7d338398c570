import type { LogRedactor } from './log-redactor.js';

/** Characters without a line end that are held back at most. */
const HELD_MAX_CHARACTERS = 64 * 1024;
/** Longer than every known format but the private key, whose state the redactor keeps. */
const OVERLAP_MIN_CHARACTERS = 4 * 1024;

/**
 * For output that arrives cut at any place: holds back what may be the beginning of a secret. The pieces it returns,
 * joined, are the masked whole.
 */
export class ChunkRedactor {
  readonly #redactor: LogRedactor;
  readonly #overlap: number;
  #held = '';

  constructor(redactor: LogRedactor) {
    this.#redactor = redactor;
    this.#overlap = Math.max(OVERLAP_MIN_CHARACTERS, redactor.longestValue);
  }

  push(chunk: string): string {
    const lines = (this.#held + chunk).split('\n');
    this.#held = lines.pop() ?? '';
    const complete = lines.map((line) => `${this.#redactor.redact(line)}\n`).join('');
    if (this.#held.length <= HELD_MAX_CHARACTERS + this.#overlap) return complete;
    // A secret that is complete is masked now; one that is not can only stand in the overlap, which stays.
    const masked = this.#redactor.redact(this.#held);
    this.#held = masked.slice(-this.#overlap);
    return complete + masked.slice(0, -this.#overlap);
  }

  end(): string {
    const rest = this.#redactor.redact(this.#held);
    this.#held = '';
    return rest;
  }
}
