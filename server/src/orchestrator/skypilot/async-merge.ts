/**
 * What several sources yield, as it comes; each source keeps its own order. Ends when every source has ended, rejects
 * when one does. When the reader stops early the sources are stopped: their signal is aborted and their end awaited.
 */
export async function* mergeAsync<T>(
  open: readonly ((signal: AbortSignal) => AsyncIterable<T>)[],
  signal: AbortSignal,
): AsyncGenerator<T> {
  const stop = new AbortController();
  const sources = open.map((source) =>
    source(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator](),
  );
  const pending = new Map<AsyncIterator<T>, Promise<Arrival<T>>>();
  const ask = (source: AsyncIterator<T>) => {
    // To the back: a source that always has something must not starve the others.
    pending.delete(source);
    pending.set(source, arrivalOf(source));
  };
  for (const source of sources) ask(source);
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(source);
        continue;
      }
      ask(source);
      yield result.value;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(pending.values());
    await Promise.allSettled(sources.map((source) => source.return?.() ?? Promise.resolve()));
  }
}

interface Arrival<T> {
  readonly source: AsyncIterator<T>;
  readonly result: IteratorResult<T>;
}

async function arrivalOf<T>(source: AsyncIterator<T>): Promise<Arrival<T>> {
  return { source, result: await source.next() };
}
