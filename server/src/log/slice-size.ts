/** Entries of one read of history, unless their lines are long. */
export const SLICE_ENTRIES = 256;
/** Characters of one read of history, about. */
const SLICE_MAX_CHARACTERS = 1024 * 1024;
const SLICE_MIN_ENTRIES = 8;

/** How many entries of one log a read asks for: a power of two, and fewer once the log was seen to have long lines. */
export class SliceSize {
  #entries = SLICE_ENTRIES;

  get entries(): number {
    return this.#entries;
  }

  /** Takes the lines of one read into account. True when the next read asks for fewer. */
  learn(lines: readonly string[]): boolean {
    const characters = lines.reduce((sum, line) => sum + line.length, 0);
    if (characters <= SLICE_MAX_CHARACTERS) return false;
    const fitting = (SLICE_MAX_CHARACTERS / characters) * lines.length;
    const before = this.#entries;
    while (this.#entries > SLICE_MIN_ENTRIES && this.#entries > fitting) this.#entries /= 2;
    return this.#entries < before;
  }
}
