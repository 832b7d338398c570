import { parseCursor, UNBORN_EPOCH, type Cursor } from '@launchlog/shared/cursor';
import type { Reset } from '@launchlog/shared/event';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { LogHead } from './log-head.js';
import type { EntryFilter } from './entry-filter.js';

/** Where a reader begins. */
export type ReaderStart =
  | {
      readonly kind: 'after';
      readonly seq: number;
      /** The reader's place is gone, and it must be told. */
      readonly reset?: Reset;
    }
  /** It has had everything including the end. */
  | { readonly kind: 'finished' };

/** `ended`: the log is closed. Undefined when the log changed or could not be read meanwhile: ask again later. */
export async function findReaderStart(
  head: LogHead,
  query: Pick<LogStreamQuery, 'cursor' | 'tail'>,
  options: { readonly filter: EntryFilter | undefined; readonly ended: boolean },
): Promise<ReaderStart | undefined> {
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  if (cursor !== undefined) return startAtCursor(head, cursor, options.ended);
  if (options.filter === undefined) return { kind: 'after', seq: Math.max(0, head.seq - query.tail) };
  const seq = await startAtMatches(head, options.filter, query.tail);
  return seq === undefined ? undefined : { kind: 'after', seq };
}

function startAtCursor(head: LogHead, cursor: Cursor, ended: boolean): ReaderStart {
  const sameLog = cursor.epoch === head.epoch && cursor.seq <= head.seq;
  if (sameLog && cursor.done && ended && cursor.seq === head.seq) return { kind: 'finished' };
  if (sameLog) return { kind: 'after', seq: cursor.seq };
  // Who knew of no log yet has lost none.
  if (cursor.epoch === UNBORN_EPOCH) return { kind: 'after', seq: 0 };
  return { kind: 'after', seq: head.firstSeq - 1, reset: head.reset };
}

/** Goes back, block by block, until as many entries match as are wanted. */
async function startAtMatches(head: LogHead, filter: EntryFilter, tail: number): Promise<number | undefined> {
  const { generation } = head;
  let wanted = tail;
  for (let end = head.seq; end > 0;) {
    const { blockEntries } = head.history;
    const start = Math.floor((end - 1) / blockEntries) * blockEntries;
    const slice = await head.history.after(start);
    if (head.generation !== generation || slice.epoch !== head.epoch) return undefined;
    for (const { record } of slice.items.toReversed()) {
      if (record.seq > end || !filter.matches(record.entry)) continue;
      wanted -= 1;
      if (wanted === 0) return record.seq - 1;
    }
    if (slice.firstSeq > start) {
      // The oldest that is held. What came before it was asked for too, unless it was too old anyway.
      const oldest = slice.items[0]?.record.entry;
      return oldest !== undefined && filter.isBefore(oldest) ? slice.firstSeq - 1 : 0;
    }
    end = start;
  }
  return 0;
}
