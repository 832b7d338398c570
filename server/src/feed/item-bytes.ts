import type { FeedItem } from './feed-item.js';

/** What an item costs beside the text of its entry, roughly: objects, cursor, status. */
export const ITEM_OVERHEAD_BYTES = 256;

/** What an item that waits costs in memory. Characters stand for bytes well enough for a bound. */
export function itemBytes(item: FeedItem): number {
  return ITEM_OVERHEAD_BYTES + (item.kind === 'log' ? item.record.json.length : 0);
}
