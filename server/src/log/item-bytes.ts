import type { FeedItem } from './feed-item.js';
import type { MergedItem } from './merged-item.js';

/** What an item costs beside the text of its entry, roughly: objects, cursor, status. */
const OVERHEAD_BYTES = 256;

/** What an item that waits costs in memory. Characters stand for bytes well enough for a bound. */
export function itemBytes(item: FeedItem): number {
  return OVERHEAD_BYTES + (item.kind === 'log' ? item.record.json.length : 0);
}

export function mergedItemBytes(item: MergedItem): number {
  return item.cursor.length + (item.kind === 'node' ? itemBytes(item.item) : OVERHEAD_BYTES);
}
