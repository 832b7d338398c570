import type { LogRow } from '../line/log-row.js';

/** Which of the rows that are shown match a search. Kept line by line: a frame must not walk all that a page holds. */
export class MatchIndexes {
  readonly #matches: (id: number) => boolean;
  #indexes: number[] = [];

  constructor(matches: (id: number) => boolean) {
    this.#matches = matches;
  }

  /** In order. Its own array, which is only to be read. */
  get indexes(): readonly number[] {
    return this.#indexes;
  }

  clear(): void {
    this.#indexes = [];
  }

  /** Other rows are shown than before. */
  rebuild(rows: readonly LogRow[]): void {
    this.#indexes = [];
    for (const [index, row] of rows.entries()) if (this.#matches(row.id)) this.#indexes.push(index);
  }

  /** These lines were searched, for the first time or again. Those that are not shown are passed over. */
  update(rows: readonly LogRow[], ids: readonly number[]): void {
    for (const id of ids) {
      const index = firstAtLeast(rows.length, id, (at) => rows[at]?.id ?? 0);
      if (rows[index]?.id === id) this.#set(index, this.#matches(id));
    }
  }

  #set(index: number, matches: boolean): void {
    const indexes = this.#indexes;
    const place = firstAtLeast(indexes.length, index, (at) => indexes[at] ?? 0);
    const isSet = indexes[place] === index;
    if (matches === isSet) return;
    if (matches) indexes.splice(place, 0, index);
    else indexes.splice(place, 1);
  }
}

/** Binary search: the index of the first of `count` ascending values that is at least `wanted`; `count` if none is. */
function firstAtLeast(count: number, wanted: number, valueAt: (index: number) => number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (valueAt(middle) < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
