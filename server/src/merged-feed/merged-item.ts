import type { Notice } from '@launchlog/shared/event';
import { ITEM_OVERHEAD_BYTES, itemBytes } from '../feed/feed-item.js';
import type { FeedEnd, FeedItem } from '../feed/feed-item.js';

/** An item of a merged stream. `cursor` is the reader's position in all logs after the item. */
export type MergedItem =
  | { readonly kind: 'node'; readonly cursor: string; readonly nodeId: string; readonly item: FeedItem }
  /** About the stream itself, not about one log. */
  | { readonly kind: 'notice'; readonly cursor: string; readonly notice: Notice }
  /** With `follow=false`: everything up to the request was delivered. */
  | { readonly kind: 'end'; readonly cursor: string; readonly message: string };

export type MergedBatch = readonly MergedItem[];

/** Where a merged stream delivers its items; the promises are those of `FeedSink`. */
export interface MergedSink {
  /** Takes all of the batch. False: full for now; nothing more is sent until `resume`. */
  push(batch: MergedBatch): boolean;
  progress?(): number;
  /** Called once, after the last push; not called after `close`. */
  end(reason: FeedEnd): void;
}

/** The memory that a waiting item takes, in bytes, roughly. */
export function mergedItemBytes(item: MergedItem): number {
  return item.cursor.length + (item.kind === 'node' ? itemBytes(item.item) : ITEM_OVERHEAD_BYTES);
}
