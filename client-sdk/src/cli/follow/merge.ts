/** An item, and the index of the source that it came from. */
interface Merged<Item> {
  readonly index: number;
  readonly item: Item;
}

type Step<Item> =
  | { readonly index: number; readonly result: IteratorResult<Item, unknown> }
  | { readonly index: number; readonly error: unknown };

/**
 * Yields the items of several sources as they arrive. At most one item of each source is buffered, so a slow reader slows
 * all of them down. Ends when all have ended; the first error ends the others.
 */
export async function* merge<Item>(
  sources: readonly AsyncIterable<Item>[],
): AsyncGenerator<Merged<Item>, void, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const steps = new StepQueue<Item>();
  iterators.forEach((iterator, index) => steps.request(iterator, index));
  let open = iterators.length;
  try {
    while (open > 0) {
      const step = await steps.next();
      if ('error' in step) throw step.error;
      if (step.result.done === true) {
        open -= 1;
        continue;
      }
      yield { index: step.index, item: step.result.value };
      const iterator = iterators[step.index];
      if (iterator !== undefined) steps.request(iterator, step.index);
    }
  } finally {
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.()));
  }
}

/** Not `Promise.race`, which leaves a callback on every silent source whenever another one yields. */
class StepQueue<Item> {
  readonly #ready: Step<Item>[] = [];
  #wake: (() => void) | undefined;

  request(iterator: AsyncIterator<Item, unknown>, index: number): void {
    iterator.next().then(
      (result) => this.#put({ index, result }),
      (error: unknown) => this.#put({ index, error }),
    );
  }

  async next(): Promise<Step<Item>> {
    for (;;) {
      const step = this.#ready.shift();
      if (step !== undefined) return step;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #put(step: Step<Item>): void {
    this.#ready.push(step);
    this.#wake?.();
    this.#wake = undefined;
  }
}
