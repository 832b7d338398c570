import type { EntryFilter } from './entry-filter.js';
import type { FeedBatch } from './feed-item.js';
import type { LogHead } from './log-head.js';
import type { LogFeedItem } from './log-item.js';

/** Matches items in turns of the event loop before they are filtered. */
export async function prepareItems(filter: EntryFilter, items: readonly LogFeedItem[] = []): Promise<void> {
  await filter.prepare(items.map(({ record }) => record.entry));
}

/** The same for the recent items that a reader gets next. */
export async function prepareRecent(
  filter: EntryFilter,
  { recent }: Pick<LogHead, 'recent'>,
  position: { readonly seq: number } | undefined,
): Promise<void> {
  if (position !== undefined) await prepareItems(filter, recent.after(position.seq));
}

/** The most steps that filtering a batch may take. */
export function filterCost(filter: EntryFilter, batch: FeedBatch): number {
  return filter.cost(batch.flatMap((item) => (item.kind === 'log' ? [item.record.entry] : [])));
}

/** The seq before a batch; undefined if the batch begins with neither an entry nor a gap. */
export function seqBefore([first]: FeedBatch): number | undefined {
  if (first?.kind === 'log') return first.record.seq - 1;
  return first?.kind === 'gap' ? first.gap.from_seq - 1 : undefined;
}
