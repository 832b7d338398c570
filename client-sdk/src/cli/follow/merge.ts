/** One item of one of several sources. */
export interface Merged<Item> {
  readonly index: number;
  readonly item: Item;
}

type Step<Item> =
  | { readonly index: number; readonly result: IteratorResult<Item, unknown> }
  | { readonly index: number; readonly error: unknown };

/**
 * Whatever comes first of several streams. One item of each is held at most, so a reader that waits makes all of them
 * wait. Ends when all have ended; the first error ends the others.
 */
export async function* merge<Item>(
  sources: readonly AsyncIterable<Item>[],
): AsyncGenerator<Merged<Item>, void, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const steps = new StepQueue<Item>();
  iterators.forEach((iterator, index) => steps.ask(iterator, index));
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
      if (iterator !== undefined) steps.ask(iterator, step.index);
    }
  } finally {
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.()));
  }
}

/** A queue and not `Promise.race`: that leaves a callback behind on every silent source each time another one speaks. */
class StepQueue<Item> {
  readonly #ready: Step<Item>[] = [];
  #wake: (() => void) | undefined;

  ask(iterator: AsyncIterator<Item, unknown>, index: number): void {
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
