import type { PendingBounds, PendingEntry } from './pending-entries.js';

/** The last entries the store acknowledged, which the writer can append again if the store loses them. */
export class AcknowledgedTail {
  readonly #bounds: PendingBounds;
  #entries: PendingEntry[] = [];
  #first = 0;
  #bytes = 0;
  #missing: number;

  /** `missing`: how many entries of the log were never held here. */
  constructor(bounds: PendingBounds, missing: number) {
    this.#bounds = bounds;
    this.#missing = missing;
  }

  push(entries: readonly PendingEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#bytes += entry.bytes;
    }
    while (this.#held > this.#bounds.maxEntries || this.#bytes > this.#bounds.maxBytes) this.#forgetOldest();
    if (this.#first > this.#held) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Takes all entries. `missing`: how many entries of the log came before them. */
  takeAll(): { readonly entries: readonly PendingEntry[]; readonly missing: number } {
    const taken = { entries: this.#entries.slice(this.#first), missing: this.#missing };
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#missing = 0;
    return taken;
  }

  get #held(): number {
    return this.#entries.length - this.#first;
  }

  #forgetOldest(): void {
    this.#bytes -= this.#entries[this.#first]?.bytes ?? 0;
    this.#first += 1;
    this.#missing += 1;
  }
}
