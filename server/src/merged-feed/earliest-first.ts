interface Placed<Item> {
  readonly item: Item;
  readonly ms: number;
  /** Orders items with equal times as they came. */
  readonly order: number;
}

/** A queue from which the item with the earliest time leaves first. Adding and taking cost the logarithm of its size. */
export class EarliestFirst<Item> {
  readonly #heap: Placed<Item>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The item that leaves next. */
  get first(): Item | undefined {
    return this.#heap[0]?.item;
  }

  add(item: Item, ms: number): void {
    this.#order += 1;
    this.#rise({ item, ms, order: this.#order }, this.#heap.length);
  }

  take(): Item | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first?.item;
  }

  #rise(placed: Placed<Item>, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || isBefore(parent, placed)) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = placed;
  }

  #sink(placed: Placed<Item>): void {
    let at = 0;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(placed, child)) break;
      this.#heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    this.#heap[at] = placed;
  }
}

function isBefore(one: Placed<unknown>, other: Placed<unknown>): boolean {
  return one.ms < other.ms || (one.ms === other.ms && one.order < other.order);
}
