import type { Notice } from '@launchlog/shared/event';
import type { FeedBatch, FeedEnd, FeedItem, FeedReader, FeedSink } from '../feed/feed-item.js';
import type { MergedBudget } from './merged-budget.js';
import { SourceQueue } from './source-queue.js';

/** Sent once for the whole stream, not once per log. */
export const STORE_AWAY = 'log_store_unavailable';
const STORE_REFUSES = 'log_store_refuses_entries';
export const STORE_BACK = 'log_store_back';

export interface MergedSourceOptions {
  readonly nodeId: string;
  /** Shared with the other logs of the stream. */
  readonly budget: MergedBudget;
  /** Begins to read at a cursor. */
  readonly attach: (cursor: string, sink: FeedSink) => FeedReader;
  /** Called when there is a new item, or when the reader has ended. */
  readonly onChange: (source: MergedSource) => void;
}

type SourceState =
  | { readonly kind: 'unopened' }
  | { readonly kind: 'reading' }
  /** The reader is in the middle of handing over a batch, and cannot be resumed. */
  | { readonly kind: 'pushing' }
  /** `cutAfterSeq`: there was no room for the rest of the last batch; the reader will give it again. */
  | { readonly kind: 'full'; readonly cutAfterSeq: number | undefined }
  | { readonly kind: 'ended'; readonly reason: FeedEnd }
  | { readonly kind: 'closed' };

const READING: SourceState = { kind: 'reading' };
const PUSHING: SourceState = { kind: 'pushing' };

/**
 * One log of a merged stream: a bounded queue between the log's reader and the merge.
 *
 *   unopened, ended ──open──▶ reading
 *   reading ──push──▶ pushing ──there is room──▶ reading
 *                     pushing ──there is none──▶ full ──take, until few are left──▶ reading
 *   reading, full ──end──▶ ended
 *   every state ──close──▶ closed
 */
export class MergedSource implements FeedSink {
  readonly nodeId: string;
  readonly #options: MergedSourceOptions;
  readonly #queue: SourceQueue;
  #state: SourceState = { kind: 'unopened' };
  #reader: FeedReader | undefined;
  #away = false;
  #refused: Notice | undefined;

  constructor(options: MergedSourceOptions) {
    this.nodeId = options.nodeId;
    this.#options = options;
    this.#queue = new SourceQueue(options.budget);
  }

  /** The time of the next item; undefined while there is none. Never before that of the item that was taken last. */
  get nextMs(): number | undefined {
    return this.#queue.nextMs;
  }

  /** Why the reader ended, once everything before was taken. */
  get ended(): FeedEnd | undefined {
    return this.#state.kind === 'ended' && this.#queue.isEmpty ? this.#state.reason : undefined;
  }

  /** Whether the reader has ended; its items may still wait. */
  get hasEnded(): boolean {
    return this.#state.kind === 'ended';
  }

  /** Whether it has no item but an older one may still come: the reader still reads history. */
  get isBehind(): boolean {
    if (!this.#queue.isEmpty || this.#state.kind === 'ended' || this.#away) return false;
    return this.#reader?.isLive === false;
  }

  /** Whether the store answers but takes no entries. */
  get refused(): Notice | undefined {
    return this.#refused;
  }

  /** Whether the store does not answer for this log. */
  get isAway(): boolean {
    return this.#away;
  }

  open(cursor: string): void {
    this.#state = READING;
    this.#reader = this.#options.attach(cursor, this);
  }

  take(): FeedItem | undefined {
    const item = this.#queue.take();
    if (this.#state.kind === 'full' && this.#queue.isLow) {
      const { cutAfterSeq } = this.#state;
      this.#state = READING;
      this.#reader?.resume(cutAfterSeq);
    }
    return item;
  }

  push(batch: FeedBatch): boolean {
    this.#state = PUSHING;
    const cut = batch.find((item) => !this.#accept(item));
    if (cut === undefined) this.#options.onChange(this);
    if (!this.#isPushing) return false;
    const hasRoom = cut === undefined && !this.#queue.isFull;
    const cutAfterSeq = cut?.kind === 'log' ? cut.record.seq - 1 : undefined;
    this.#state = hasRoom ? READING : { kind: 'full', cutAfterSeq };
    return hasRoom;
  }

  end(reason: FeedEnd): void {
    // A batch that was cut also lost its end: the log is read again from the cut.
    const wasCut = this.#state.kind === 'full' && this.#state.cutAfterSeq !== undefined;
    this.#state = { kind: 'ended', reason: reason === 'done' && wasCut ? 'stalled' : reason };
    this.#away = false;
    this.#options.onChange(this);
  }

  close(): void {
    this.#state = { kind: 'closed' };
    this.#reader?.close();
    this.#queue.clear();
  }

  /** False once the handling of an item has closed or ended the stream. */
  get #isPushing(): boolean {
    return this.#state.kind === 'pushing';
  }

  /** False when there is no room, not even after the stream has sent what it could. */
  #accept(item: FeedItem): boolean {
    if (item.kind === 'notice') this.#heed(item.notice);
    else {
      if (!this.#queue.hasRoomFor(item)) this.#options.onChange(this);
      if (this.#state.kind === 'closed' || !this.#queue.hasRoomFor(item)) return false;
      this.#queue.add(item);
    }
    return true;
  }

  #heed(notice: Notice): void {
    this.#away = notice.code === STORE_AWAY;
    this.#refused = notice.code === STORE_REFUSES ? notice : undefined;
  }
}
