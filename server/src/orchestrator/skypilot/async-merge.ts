/**
 * Yields the items of several sources as they arrive; each source keeps its own order. Ends when every source has ended, and
 * rejects when one does. One item of each source is held at most, so a slow reader makes all of them wait. However it ends,
 * the sources are stopped: their signal is aborted and their end is awaited.
 */
export async function* mergeAsync<Item>(
  open: readonly ((signal: AbortSignal) => AsyncIterable<Item>)[],
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const stop = new AbortController();
  const sources = open.map((source) =>
    source(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator](),
  );
  const steps = new StepQueue<Item>();
  for (const source of sources) steps.ask(source);
  try {
    for (let running = sources.length; running > 0;) {
      const { source, result } = await steps.next();
      if (result.done === true) {
        running -= 1;
        continue;
      }
      yield result.value;
      steps.ask(source);
    }
  } finally {
    stop.abort();
    await Promise.allSettled(sources.map((source) => source.return?.() ?? Promise.resolve()));
  }
}

interface Step<Item> {
  readonly source: AsyncIterator<Item>;
  readonly result: IteratorResult<Item>;
}

/** A queue and not `Promise.race`, which leaves a callback behind on every silent source each time another one yields. */
class StepQueue<Item> {
  readonly #ready: Promise<Step<Item>>[] = [];
  #wake: (() => void) | undefined;

  ask(source: AsyncIterator<Item>): void {
    const step = source.next().then((result) => ({ source, result }));
    const put = () => this.#put(step);
    step.then(put, put);
  }

  async next(): Promise<Step<Item>> {
    for (;;) {
      const step = this.#ready.shift();
      if (step !== undefined) return step;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #put(step: Promise<Step<Item>>): void {
    this.#ready.push(step);
    this.#wake?.();
    this.#wake = undefined;
  }
}
