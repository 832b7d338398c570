import type { FeedItem } from './feed-item.js';

/** The memory that an item takes besides the text of its entry, roughly: objects, cursor, status. */
export const ITEM_OVERHEAD_BYTES = 256;

/** The memory that a waiting item takes. Characters approximate bytes well enough for a bound. */
export function itemBytes(item: FeedItem): number {
  return ITEM_OVERHEAD_BYTES + (item.kind === 'log' ? item.record.json.length : 0);
}
