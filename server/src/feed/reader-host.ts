import type { StatusEvent } from '@launchlog/shared/event';
import type { FeedBatch, FeedItem } from './feed-item.js';
import type { LogFeedMeter } from './log-feed-meter.js';
import type { LogHead } from './log-head.js';

/** The node as its readers see it. */
export interface ReaderHost<Reader> {
  readonly head: LogHead;
  readonly meter: LogFeedMeter;
  /** The log is closed: nothing can follow. */
  readonly ended: boolean;
  /** Asks registry and store. `gone`: there is no such node. */
  prepare(): Promise<'ready' | 'away' | 'gone'>;
  /** The first item of every connection: `past`, or the present state, which is unknown while the registry is away. */
  statusItem(cursor: string, past?: StatusEvent): FeedItem | undefined;
  /** The last batch of a log that has ended, the same for all readers. */
  finalDone(): FeedBatch;
  /** The last item of a stream that does not follow. */
  presentDone(seq: number): FeedItem;
  notice(code: StoreNotice): FeedBatch;
  /** From now on the reader is offered every batch of the head. */
  goLive(reader: Reader): void;
  leaveLive(reader: Reader): void;
  /** `advance` will be called when the store has answered again. */
  park(reader: Reader): void;
  remove(reader: Reader): void;
  now(): number;
}

export type StoreNotice = 'log_store_unavailable' | 'log_store_refuses_entries' | 'log_store_back';
