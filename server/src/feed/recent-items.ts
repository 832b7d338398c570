import type { LogFeedItem } from './log-item.js';

/** The last items of a log, without holes and bounded. They serve readers that are a little behind. */
export class RecentItems {
  readonly #bounds: { readonly maxItems: number; readonly maxBytes: number; readonly batchItems: number };
  #items: LogFeedItem[] = [];
  #first = 0;
  /** Characters of the stored JSON, which approximate bytes well enough for a bound. */
  #bytes = 0;
  /** Readers at the same position get the same array; valid until the next push. */
  #batches = new Map<number, readonly LogFeedItem[]>();

  constructor(bounds: {
    readonly maxItems: number;
    readonly maxBytes: number;
    /** The maximum length of one batch. */
    readonly batchItems: number;
  }) {
    this.#bounds = bounds;
  }

  /** The items must follow those that are held. */
  push(items: readonly LogFeedItem[]): void {
    this.#batches.clear();
    for (const item of items) {
      this.#items.push(item);
      this.#bytes += item.record.json.length;
    }
    const { maxItems, maxBytes } = this.#bounds;
    let gone = this.#items[this.#first];
    while (gone && (this.#items.length - this.#first > maxItems || this.#bytes > maxBytes)) {
      this.#bytes -= gone.record.json.length;
      this.#first += 1;
      gone = this.#items[this.#first];
    }
    if (this.#first > maxItems) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#batches.clear();
  }

  /** Items right after `seq`; undefined when they are not held. */
  after(seq: number): readonly LogFeedItem[] | undefined {
    const oldest = this.#items[this.#first];
    if (oldest === undefined || seq + 1 < oldest.record.seq) return undefined;
    const offset = this.#first + seq + 1 - oldest.record.seq;
    if (offset >= this.#items.length) return undefined;
    const batch = this.#batches.get(seq) ?? this.#items.slice(offset, offset + this.#bounds.batchItems);
    this.#batches.set(seq, batch);
    return batch;
  }
}
