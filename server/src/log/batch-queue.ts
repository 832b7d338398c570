import { FeedEndedError } from './feed-ended-error.js';
import type { FeedEnd, FeedItem, FeedReader } from './feed-item.js';

/** Items that may wait for the consumer; the last batch may go beyond. */
const QUEUE_MAX_ITEMS = 512;

type Reader = Pick<FeedReader, 'resume' | 'close'>;

/** A sink that is pulled from: attached when the iteration begins, detached when it ends, bounded in between. */
export class BatchQueue<Item = FeedItem> implements AsyncIterable<readonly Item[]> {
  readonly #attach: (sink: BatchQueue<Item>) => Reader;
  readonly #signal: AbortSignal;
  readonly #batches: (readonly Item[])[] = [];
  #items = 0;
  #end: FeedEnd | undefined;
  #wake: (() => void) | undefined;

  constructor(attach: (sink: BatchQueue<Item>) => Reader, signal: AbortSignal) {
    this.#attach = attach;
    this.#signal = signal;
  }

  push(batch: readonly Item[]): boolean {
    this.#batches.push(batch);
    this.#items += batch.length;
    this.#wake?.();
    return this.#items < QUEUE_MAX_ITEMS;
  }

  end(reason: FeedEnd): void {
    this.#end = reason;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Item[], void> {
    if (this.#signal.aborted) return;
    const onAbort = () => this.#wake?.();
    this.#signal.addEventListener('abort', onAbort, { once: true });
    const reader = this.#attach(this);
    try {
      while (!this.#signal.aborted) {
        const batch = this.#batches.shift();
        if (batch !== undefined) {
          this.#items -= batch.length;
          yield batch;
          if (this.#batches.length === 0) reader.resume();
        } else if (this.#end === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else if (this.#end === 'done') return;
        else throw new FeedEndedError(this.#end);
      }
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
      reader.close();
    }
  }
}
