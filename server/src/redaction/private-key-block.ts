import { UNREDACTED_CUT } from './cut-mark.js';
import { MASK } from './mask.js';

/** A key of 16,384 bits has about 200 lines; a block without an end is abandoned after this many. */
const BLOCK_MAX_LINES = 300;

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z0-9 ]{0,60}-----/;
/** A line of base64 alone, or a header of an encrypted key. */
const KEY_LINE = /^\s*(?:[A-Za-z0-9+/=]+|(?:Proc-Type|DEK-Info|Version|Comment):.*)\s*$/;
const KEY_MATERIAL = /[A-Za-z0-9+/=]{40,}/g;
/** A full line of a key's body has 64, 70 or 76 characters. */
const FULL_KEY_LINE = /^\s*[A-Za-z0-9+/]{60,76}={0,2}\s*$/;

/**
 * Masks a private key that is printed over several lines; other lines in between stay legible. The beginning of a key may
 * be in the part of a line that was cut off. After such a line, the first one that looks like a key's body begins a block.
 */
export class PrivateKeyBlock {
  #linesLeft = 0;
  #expectedFor = 0;

  mask(line: string): string {
    const masked = this.#linesLeft > 0 ? this.#maskInside(line) : this.#maskOutside(line);
    if (line.includes(UNREDACTED_CUT)) this.#expectedFor = BLOCK_MAX_LINES;
    return masked;
  }

  #maskOutside(line: string): string {
    if (this.#expectedFor === 0) return this.#maskBegin(line);
    this.#expectedFor -= 1;
    if (!FULL_KEY_LINE.test(line)) return this.#maskBegin(line);
    this.#enter();
    return MASK;
  }

  #enter(): void {
    this.#linesLeft = BLOCK_MAX_LINES;
    this.#expectedFor = 0;
  }

  #maskBegin(line: string): string {
    const begin = BEGIN.exec(line);
    if (begin === null) return line;
    const rest = line.slice(begin.index + begin[0].length);
    const end = END.exec(rest);
    const before = line.slice(0, begin.index) + MASK;
    if (end !== null) return before + this.mask(rest.slice(end.index + end[0].length));
    this.#enter();
    return rest.includes(UNREDACTED_CUT) ? before + UNREDACTED_CUT : before;
  }

  #maskInside(line: string): string {
    this.#linesLeft -= 1;
    const end = END.exec(line);
    if (end !== null) {
      this.#linesLeft = 0;
      return MASK + this.#maskBegin(line.slice(end.index + end[0].length));
    }
    return KEY_LINE.test(line) ? MASK : line.replace(KEY_MATERIAL, MASK);
  }
}
