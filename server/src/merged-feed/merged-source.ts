import type { FeedBatch, FeedEnd, FeedItem, FeedReader, FeedSink } from '../feed/feed-item.js';
import { itemBytes } from '../feed/item-bytes.js';
import { SHARE_BYTES, type MergedRoom } from './merged-budget.js';

/** Said once for the whole stream, not once a log. */
export const STORE_AWAY = 'log_store_unavailable';
export const STORE_BACK = 'log_store_back';
/** Items that wait in memory for one log; of the batch that goes beyond is taken what there is room for. */
const QUEUE_ITEMS = 64;
/** So little left: the reader is asked for more before it is missed. */
const LOW_ITEMS = 16;
const LOW_BYTES = SHARE_BYTES / 2;

export interface MergedSourceOptions {
  readonly nodeId: string;
  /** Shared with the other logs of the stream. */
  readonly room: MergedRoom;
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
  #heldBytes = 0;
  #full = false;
  /** The last batch was kept up to this entry, for want of room; the reader gives the rest again. */
  #cutAfterSeq: number | undefined;
  #ended: FeedEnd | undefined;
  #timeMs = -Infinity;
  #away = false;
  #closed = false;
  /** The reader is in the middle of handing over a batch, and cannot be resumed. */
  #pushing = false;

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
    this.#cutAfterSeq = undefined;
    this.#reader = this.#options.attach(cursor, this);
  }

  take(): FeedItem | undefined {
    const nextMs = this.nextMs;
    const item = this.#queue.shift();
    if (nextMs !== undefined) this.#timeMs = nextMs;
    if (item !== undefined) this.#hold(this.#heldBytes - itemBytes(item));
    if (this.#full && !this.#pushing && this.#isLow) this.#resume();
    return item;
  }

  push(batch: FeedBatch): boolean {
    this.#pushing = true;
    const cut = batch.find((item) => !this.#accept(item));
    if (cut?.kind === 'log') this.#cutAfterSeq = cut.record.seq - 1;
    else this.#options.onChange(this);
    this.#pushing = false;
    this.#full = cut !== undefined || this.#queue.length >= QUEUE_ITEMS;
    return !this.#full;
  }

  end(reason: FeedEnd): void {
    // The end of a batch that was cut comes after the rest of it: the log is read again from there.
    this.#ended = reason === 'done' && this.#cutAfterSeq !== undefined ? 'stalled' : reason;
    this.#away = false;
    this.#options.onChange(this);
  }

  close(): void {
    this.#closed = true;
    this.#reader?.close();
    this.#queue.length = 0;
    this.#hold(0);
  }

  get #isLow(): boolean {
    return this.#queue.length <= LOW_ITEMS && this.#heldBytes <= LOW_BYTES;
  }

  /** False when there is no room, also not after the stream has sent what it could. */
  #accept(item: FeedItem): boolean {
    if (item.kind === 'notice' && item.notice.code === STORE_AWAY) this.#away = true;
    else if (item.kind === 'notice' && item.notice.code === STORE_BACK) this.#away = false;
    else {
      if (!this.#hasRoomFor(item)) this.#options.onChange(this);
      if (this.#closed || !this.#hasRoomFor(item)) return false;
      this.#queue.push(item);
      this.#hold(this.#heldBytes + itemBytes(item));
    }
    return true;
  }

  /** An empty queue takes an entry of any size, so that the log goes on. */
  #hasRoomFor(item: FeedItem): boolean {
    if (item.kind !== 'log' || this.#queue.length === 0) return true;
    return this.#options.room.allows(this.#heldBytes, this.#heldBytes + itemBytes(item));
  }

  #hold(bytes: number): void {
    this.#options.room.change(this.#heldBytes, bytes);
    this.#heldBytes = bytes;
  }

  #resume(): void {
    const afterSeq = this.#cutAfterSeq;
    this.#full = false;
    this.#cutAfterSeq = undefined;
    this.#reader?.resume(afterSeq);
  }
}
