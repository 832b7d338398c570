import { FeedEndedError } from './feed-item.js';
import type { FeedEnd, StreamHandle } from './feed-item.js';

/** How much may wait for the consumer; the last batch may exceed it. */
const QUEUE_MAX_ITEMS = 512;
const QUEUE_MAX_BYTES = 1024 * 1024;

interface HeldBatch<Item> {
  readonly items: readonly Item[];
  readonly bytes: number;
}

interface BatchQueueOptions<Item> {
  readonly attach: (sink: BatchQueue<Item>) => StreamHandle;
  /** The memory that a waiting item takes, in bytes. */
  readonly bytesOf: (item: Item) => number;
  readonly signal: AbortSignal;
}

/** A bounded sink to pull from. It is attached when the iteration begins and detached when it ends. */
export class BatchQueue<Item> implements AsyncIterable<readonly Item[]> {
  readonly #options: BatchQueueOptions<Item>;
  readonly #batches: HeldBatch<Item>[] = [];
  #items = 0;
  #bytes = 0;
  #consumed = 0;
  #end: FeedEnd | undefined;
  #wake: (() => void) | undefined;

  constructor(options: BatchQueueOptions<Item>) {
    this.#options = options;
  }

  push(batch: readonly Item[]): boolean {
    const { bytesOf } = this.#options;
    const bytes = batch.reduce((sum, item) => sum + bytesOf(item), 0);
    this.#batches.push({ items: batch, bytes });
    this.#items += batch.length;
    this.#bytes += bytes;
    this.#wake?.();
    return this.#items < QUEUE_MAX_ITEMS && this.#bytes < QUEUE_MAX_BYTES;
  }

  progress(): number {
    return this.#consumed;
  }

  end(reason: FeedEnd): void {
    this.#end = reason;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Item[], void> {
    const { attach, signal } = this.#options;
    if (signal.aborted) return;
    const onAbort = () => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    const reader = attach(this);
    try {
      while (!signal.aborted) {
        const batch = this.#batches.shift();
        if (batch !== undefined) {
          this.#items -= batch.items.length;
          this.#bytes -= batch.bytes;
          this.#consumed += 1;
          yield batch.items;
          if (this.#batches.length === 0) reader.resume();
        } else if (this.#end === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else if (this.#end === 'done') return;
        else throw new FeedEndedError(this.#end);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      reader.close();
    }
  }
}
