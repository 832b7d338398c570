import type { EntryFilter } from './entry-filter.js';
import type { FeedBatch } from './feed-item.js';
import type { LogHead } from './log-head.js';
import type { LogFeedItem } from './log-item.js';

/** Matches items in turns of the event loop before they are filtered. */
export async function prepareItems(filter: EntryFilter, items: readonly LogFeedItem[] = []): Promise<void> {
  await filter.prepare(items.map(({ record }) => record.entry));
}

/** The same for what a reader gets next of the recent items. */
export async function prepareRecent(
  filter: EntryFilter,
  { recent }: Pick<LogHead, 'recent'>,
  position: { readonly seq: number } | undefined,
): Promise<void> {
  if (position !== undefined) await prepareItems(filter, recent.after(position.seq));
}

/** What filtering a batch may cost. */
export function filterCost(filter: EntryFilter, batch: FeedBatch): number {
  return filter.cost(batch.flatMap((item) => (item.kind === 'log' ? [item.record.entry] : [])));
}

/** The entry before a batch; undefined where the batch does not begin with a place in the log. */
export function seqBefore([first]: FeedBatch): number | undefined {
  if (first?.kind === 'log') return first.record.seq - 1;
  return first?.kind === 'gap' ? first.gap.from_seq - 1 : undefined;
}
