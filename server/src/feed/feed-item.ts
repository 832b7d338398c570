import type { Done, Gap, Notice, Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogRecord } from '../log/log-record.js';

/** What a reader of one node is told, in order. `cursor` is the reader's place after the item. */
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
 * Items that belong together on the wire. Readers at the same place get the very same array, so that a transport can
 * keep what it rendered of it (in a WeakMap, say) and send the same bytes to all of them.
 */
export type FeedBatch = readonly FeedItem[];

/** Why the feed stopped sending to a reader. After everything but `done` the reader should come again by its cursor. */
export type FeedEnd = 'done' | 'max_age' | 'draining' | 'revoked' | 'stalled' | 'failed';

/** Where the feed puts what a reader is due: a socket, a response, a queue. */
export interface FeedSink {
  /** Takes all of the batch. False: full for now; the feed sends nothing more until `FeedReader.resume`. */
  push(batch: FeedBatch): boolean;
  /**
   * A number that grows while the client takes what it was sent, where that can be known. It is asked only while the
   * sink is full: one whose client gets on is slow, not stalled.
   */
  progress?(): number;
  /** Called once, after the last push; not called after `FeedReader.close`. */
  end(reason: FeedEnd): void;
}

export interface FeedReader {
  /** At the end of the log: nothing that was there before is still on its way to the sink. */
  readonly isLive: boolean;
  /**
   * The sink has room again: the reader is brought up to date from history, then goes live. With `afterSeq` it is given
   * again what follows that entry: it had no room for all of the last batch.
   */
  resume(afterSeq?: number): void;
  /** The reader is gone. Harmless when called twice. */
  close(): void;
}

/** A stream was ended although the log goes on; the reader should come again by its cursor. */
export class FeedEndedError extends Error {
  readonly reason: Exclude<FeedEnd, 'done'>;

  constructor(reason: Exclude<FeedEnd, 'done'>) {
    super(`the stream was ended: ${reason}`);
    this.name = 'FeedEndedError';
    this.reason = reason;
  }
}
