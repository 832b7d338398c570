import type { Done, Gap, Notice, Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogRecord } from '../log/log-record.js';

/** An item of a node's stream. `cursor` is the reader's position after the item. */
export type FeedItem =
  | {
      readonly kind: 'log';
      readonly cursor: string;
      readonly record: LogRecord;
      /** Set where phase or progress differ from the entry before. */
      readonly status?: StatusEvent | undefined;
    }
  | { readonly kind: 'status'; readonly cursor: string; readonly status: StatusEvent }
  | { readonly kind: 'gap'; readonly cursor: string; readonly gap: Gap }
  | { readonly kind: 'reset'; readonly cursor: string; readonly reset: Reset }
  | { readonly kind: 'notice'; readonly cursor: string; readonly notice: Notice }
  /** `final`: the log is closed and the cursor ends in `:done`. Otherwise `follow=false` met a running launch. */
  | { readonly kind: 'done'; readonly cursor: string; readonly done: Done; readonly final: boolean };

/**
 * Items that belong together on the wire. Readers at the same position get the same array, so that a transport can keep
 * the bytes that it rendered (in a WeakMap, say) and send them to all of those readers.
 */
export type FeedBatch = readonly FeedItem[];

/** Why the feed stopped sending to a reader. After everything but `done` the reader should reconnect with its cursor. */
export type FeedEnd = 'done' | 'max_age' | 'draining' | 'revoked' | 'stalled' | 'failed';

/** Where the feed delivers a reader's items: a socket, a response, a queue. */
export interface FeedSink {
  /** Takes all of the batch. False: full for now; the feed sends nothing more until `FeedReader.resume`. */
  push(batch: FeedBatch): boolean;
  /**
   * A number that grows while the client takes what it was sent, where that can be known. It is read only while the
   * sink is full: a sink whose client makes progress is slow, not stalled.
   */
  progress?(): number;
  /** Called once, after the last push; not called after `FeedReader.close`. */
  end(reason: FeedEnd): void;
}

export interface FeedReader {
  /** Whether the reader is at the end of the log: no earlier entry will follow. */
  readonly isLive: boolean;
  /**
   * The sink has room again: the reader is brought up to date from history, then goes live. With `afterSeq` it gets
   * everything after that entry again, because it had no room for all of the last batch.
   */
  resume(afterSeq?: number): void;
  /** The reader is gone. Idempotent. */
  close(): void;
}

/** A stream of one node or of many, as the sink that consumes it holds it. */
export type StreamHandle = Pick<FeedReader, 'resume' | 'close'>;

/** The memory that an item takes besides the text of its entry, roughly: objects, cursor, status. */
export const ITEM_OVERHEAD_BYTES = 256;

/** The memory that a waiting item takes. Characters approximate bytes well enough for a bound. */
export function itemBytes(item: FeedItem): number {
  return ITEM_OVERHEAD_BYTES + (item.kind === 'log' ? item.record.json.length : 0);
}

/** A stream was ended although its log continues; the reader should reconnect with its cursor. */
export class FeedEndedError extends Error {
  readonly reason: Exclude<FeedEnd, 'done'>;

  constructor(reason: Exclude<FeedEnd, 'done'>) {
    super(`the stream was ended: ${reason}`);
    this.name = 'FeedEndedError';
    this.reason = reason;
  }
}
