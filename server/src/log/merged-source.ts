import type { FeedBatch, FeedEnd, FeedItem, FeedReader, FeedSink } from './feed-item.js';

/** Said once for the whole stream, not once a log. */
export const STORE_AWAY = 'log_store_unavailable';
export const STORE_BACK = 'log_store_back';
/** Items that wait in memory for one log; the batch that goes beyond is still taken. */
const QUEUE_ITEMS = 64;
/** So few left: the reader is asked for more before it is missed. */
const LOW_ITEMS = 16;

export interface MergedSourceOptions {
  readonly nodeId: string;
  /** Begins to read at a cursor. */
  readonly attach: (cursor: string, sink: FeedSink) => FeedReader;
  /** There is something new to take, or the end was told. */
  readonly onChange: (source: MergedSource) => void;
}

/** One log of a merged stream: a bounded queue between the log's reader and the merge. */
export class MergedSource implements FeedSink {
  readonly nodeId: string;
  readonly #options: MergedSourceOptions;
  readonly #queue: FeedItem[] = [];
  #reader: FeedReader | undefined;
  #full = false;
  #ended: FeedEnd | undefined;
  #timeMs = -Infinity;
  #away = false;

  constructor(options: MergedSourceOptions) {
    this.nodeId = options.nodeId;
    this.#options = options;
  }

  /** The place in time of the next item; undefined while there is none. Never before the item that was taken last. */
  get nextMs(): number | undefined {
    const [next] = this.#queue;
    if (next === undefined) return undefined;
    if (next.kind !== 'log') return this.#timeMs;
    return Math.max(this.#timeMs, Date.parse(next.record.entry.timestamp));
  }

  /** Why the reader ended, once everything before was taken. */
  get ended(): FeedEnd | undefined {
    return this.#queue.length === 0 ? this.#ended : undefined;
  }

  /** An older item may still come although none is there: the reader is on its way through history. */
  get isBehind(): boolean {
    return (
      this.#queue.length === 0 && this.#ended === undefined && !this.#away && this.#reader?.isLive === false
    );
  }

  /** The store does not answer for this log. */
  get isAway(): boolean {
    return this.#away;
  }

  open(cursor: string): void {
    this.#ended = undefined;
    this.#full = false;
    this.#reader = this.#options.attach(cursor, this);
  }

  take(): FeedItem | undefined {
    const nextMs = this.nextMs;
    const item = this.#queue.shift();
    if (nextMs !== undefined) this.#timeMs = nextMs;
    if (this.#full && this.#queue.length <= LOW_ITEMS) {
      this.#full = false;
      this.#reader?.resume();
    }
    return item;
  }

  push(batch: FeedBatch): boolean {
    for (const item of batch) {
      if (item.kind !== 'notice') this.#queue.push(item);
      else if (item.notice.code === STORE_AWAY) this.#away = true;
      else if (item.notice.code === STORE_BACK) this.#away = false;
      else this.#queue.push(item);
    }
    this.#full = this.#queue.length >= QUEUE_ITEMS;
    this.#options.onChange(this);
    return !this.#full;
  }

  end(reason: FeedEnd): void {
    this.#ended = reason;
    this.#away = false;
    this.#options.onChange(this);
  }

  close(): void {
    this.#reader?.close();
  }
}
