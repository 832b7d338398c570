import type { LogRow } from '../line/log-row.js';
import { firstAtLeast } from './first-at-least.js';

/** The indexes of the shown rows that match a search. Updated line by line, so that no frame visits all rows. */
export class MatchIndexes {
  readonly #matches: (id: number) => boolean;
  #indexes: number[] = [];

  constructor(matches: (id: number) => boolean) {
    this.#matches = matches;
  }

  /** Ascending. This is the internal array: read it only. */
  get indexes(): readonly number[] {
    return this.#indexes;
  }

  /** How many there are from one index to another, both included. */
  countWithin(from: number, to: number): number {
    const below = (wanted: number) =>
      firstAtLeast(this.#indexes.length, wanted, (at) => this.#indexes[at] ?? 0);
    return below(to + 1) - below(from);
  }

  clear(): void {
    this.#indexes = [];
  }

  /** Call when other rows are shown than before. */
  rebuild(rows: readonly LogRow[]): void {
    this.#indexes = [];
    for (const [index, row] of rows.entries()) if (this.#matches(row.id)) this.#indexes.push(index);
  }

  /** Updates lines that were searched, for the first time or again. Lines that are not shown are skipped. */
  update(rows: readonly LogRow[], ids: readonly number[]): void {
    for (const id of ids) {
      const index = firstAtLeast(rows.length, id, (at) => rows[at]?.id ?? 0);
      if (rows[index]?.id === id) this.#set(index, this.#matches(id));
    }
  }

  #set(index: number, matches: boolean): void {
    const indexes = this.#indexes;
    const position = firstAtLeast(indexes.length, index, (at) => indexes[at] ?? 0);
    const isSet = indexes[position] === index;
    if (matches === isSet) return;
    if (matches) indexes.splice(position, 0, index);
    else indexes.splice(position, 1);
  }
}
