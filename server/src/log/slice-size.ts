/** Entries of one read of history, unless their lines are long. */
export const SLICE_ENTRIES = 256;
/** Bytes of one read of history, about: what is made of it takes a few milliseconds of the event loop. */
export const SLICE_MAX_BYTES = 256 * 1024;
/** With the longest lines they have the bytes of a slice. */
const SLICE_MIN_ENTRIES = 4;
/** Slices of fewer characters than this share of the most may have more entries again. */
const SMALL = 1 / 4;

/**
 * How many entries of one log a read asks for, where slices begin at certain places: a power of two, and fewer where a slice was
 * cut short because its lines are long.
 */
export class SliceSize {
  #entries = SLICE_ENTRIES;

  get entries(): number {
    return this.#entries;
  }

  /** The least slice is not cut short. */
  get maxBytes(): number | undefined {
    return this.#entries > SLICE_MIN_ENTRIES ? SLICE_MAX_BYTES : undefined;
  }

  /** Takes one read into account. True when the next one asks for another number of entries. */
  learn(lines: readonly string[], asked: number): boolean {
    const before = this.#entries;
    if (lines.length < asked) this.#shrinkTo(lines.length);
    else if (asked >= before && charactersOf(lines) < SLICE_MAX_BYTES * SMALL)
      this.#entries = Math.min(SLICE_ENTRIES, before * 2);
    return this.#entries !== before;
  }

  #shrinkTo(entries: number): void {
    while (this.#entries > SLICE_MIN_ENTRIES && this.#entries > entries) this.#entries /= 2;
  }
}

function charactersOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
