/** Lines, oldest first, bounded by number and UTF-8 bytes. The oldest are dropped; the last one always stays. */
export class LineRing {
  readonly #bounds: { readonly maxEntries: number; readonly maxBytes: number };
  #lines: string[] = [];
  /** Index of the oldest line that is still held. */
  #first = 0;
  #bytes = 0;

  constructor(bounds: { readonly maxEntries: number; readonly maxBytes: number }) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#lines.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(lines: readonly string[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#bytes += Buffer.byteLength(line);
    }
    while (this.size > this.#bounds.maxEntries || (this.#bytes > this.#bounds.maxBytes && this.size > 1)) {
      this.#bytes -= Buffer.byteLength(this.#lines[this.#first] ?? '');
      this.#lines[this.#first] = '';
      this.#first += 1;
    }
    // Compacting only when more than half is unused keeps the cost of a push constant.
    if (this.#first > this.size) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }

  slice(offset: number, count: number): string[] {
    return this.#lines.slice(this.#first + offset, this.#first + offset + count);
  }

  clear(): void {
    this.#lines = [];
    this.#first = 0;
    this.#bytes = 0;
  }
}
