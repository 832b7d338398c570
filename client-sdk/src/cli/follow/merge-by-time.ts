import { inParallel } from '../session/in-parallel.js';

interface Head<Item> {
  readonly item: Item;
  readonly atMs: number;
  readonly index: number;
}

interface Timed {
  readonly timestamp: string;
}

/**
 * Merges logs that have ended by time; each keeps its own order. Holds one entry of each, and reads a log as its entries
 * are taken.
 */
export async function* mergeByTime<Item extends Timed>(
  sources: readonly AsyncIterator<Item, unknown>[],
): AsyncGenerator<{ readonly index: number; readonly item: Item }, void, void> {
  const headOf = async (
    source: AsyncIterator<Item, unknown>,
    index: number,
  ): Promise<Head<Item> | undefined> => {
    const step = await source.next();
    return step.done === true
      ? undefined
      : { item: step.value, atMs: Date.parse(step.value.timestamp), index };
  };
  const heap = new HeadHeap<Item>();
  for (const head of await inParallel(sources, headOf)) if (head !== undefined) heap.push(head);
  for (let head = heap.pop(); head !== undefined; head = heap.pop()) {
    yield { index: head.index, item: head.item };
    const source = sources[head.index];
    const next = source === undefined ? undefined : await headOf(source, head.index);
    if (next !== undefined) heap.push(next);
  }
}

/** A binary heap: the earliest head first, of equal ones that of the first source. */
class HeadHeap<Item> {
  readonly #heads: Head<Item>[] = [];

  push(head: Head<Item>): void {
    let at = this.#heads.push(head) - 1;
    while (at > 0 && this.#before(at, (at - 1) >> 1)) {
      this.#swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  }

  pop(): Head<Item> | undefined {
    const [top] = this.#heads;
    const last = this.#heads.pop();
    if (top === undefined || last === undefined || this.#heads.length === 0) return top;
    this.#heads[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (this.#before(left, least)) least = left;
      if (this.#before(right, least)) least = right;
      if (least === at) return top;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heads[one], this.#heads[other]];
    if (a === undefined || b === undefined) return false;
    return a.atMs === b.atMs ? a.index < b.index : a.atMs < b.atMs;
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heads[one], this.#heads[other]];
    if (a === undefined || b === undefined) return;
    this.#heads[one] = b;
    this.#heads[other] = a;
  }
}
