import type { FeedEnd, StreamHandle } from '../../feed/feed-item.js';

interface Sink<Item> {
  push(item: Item): boolean;
  end(reason: FeedEnd): void;
}

/**
 * Moves the items of an iterable into a sink at its pace, for streams that are not read from a feed of logs. Its owner
 * decides what the end of the items means.
 */
export class PumpedStream<Item> implements StreamHandle {
  readonly #sink: Sink<Item>;
  readonly #endOfItems: FeedEnd;
  readonly #closing = new AbortController();
  #resume: () => void = () => undefined;

  constructor(sink: Sink<Item>, endOfItems: FeedEnd = 'max_age') {
    this.#sink = sink;
    this.#endOfItems = endOfItems;
  }

  /** Begins to read `items`, which end when the signal is aborted. */
  start(items: (signal: AbortSignal) => AsyncIterable<Item>): void {
    void this.#run(items(this.#closing.signal)).then(
      () => this.#end(this.#endOfItems),
      () => this.#end('failed'),
    );
  }

  resume(): void {
    this.#resume();
  }

  close(): void {
    this.#closing.abort();
    this.#resume();
  }

  async #run(items: AsyncIterable<Item>): Promise<void> {
    for await (const item of items) {
      if (this.#closing.signal.aborted) return;
      if (!this.#sink.push(item)) await new Promise<void>((resolve) => (this.#resume = resolve));
    }
  }

  #end(reason: FeedEnd): void {
    if (!this.#closing.signal.aborted) this.#sink.end(reason);
  }
}
