import { parseCursor, UNBORN_EPOCH, type Cursor } from '@launchlog/shared/cursor';
import type { Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import { backwards, type HistorySource } from '../log/history-walk.js';
import { resumePoint } from '../log/log-resume.js';
import type { EntryFilter } from './entry-filter.js';
import type { LogHead } from './log-head.js';
import type { LogFeedItem } from './log-item.js';
import { prepareItems } from './prepared-items.js';
import type { ReaderPosition } from './reader-state.js';
import { statusAt } from './status-at.js';

/** Where a reader begins. */
type ReaderStart =
  | {
      readonly kind: 'after';
      readonly seq: number;
      /** The state of the launch at that entry; undefined for the present state. */
      readonly status: StatusEvent | undefined;
      /** The log of the reader's cursor is gone, which it must learn first. */
      readonly reset?: Reset;
    }
  /** It has received everything including the end. */
  | { readonly kind: 'finished' };

/**
 * `ended`: the log is closed. Undefined when the log changed meanwhile: ask again later. Rejects when it could not be
 * read.
 */
export async function findReaderStart(
  head: LogHead,
  query: Pick<LogStreamQuery, 'cursor' | 'tail'>,
  options: { readonly filter: EntryFilter | undefined; readonly ended: boolean },
): Promise<ReaderStart | undefined> {
  const point = await findStartPoint(head, query, options);
  if (point?.kind !== 'after') return point;
  const { generation } = head;
  const status = await statusAt(head, point.seq);
  return head.generation === generation ? { ...point, status } : undefined;
}

type StartPoint = Omit<Extract<ReaderStart, { kind: 'after' }>, 'status'> | { readonly kind: 'finished' };

async function findStartPoint(
  head: LogHead,
  query: Pick<LogStreamQuery, 'cursor' | 'tail'>,
  options: { readonly filter: EntryFilter | undefined; readonly ended: boolean },
): Promise<StartPoint | undefined> {
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  if (cursor !== undefined) return startAtCursor(head, cursor, options.ended);
  if (options.filter === undefined || query.tail === 0) {
    return { kind: 'after', seq: Math.max(0, head.seq - query.tail) };
  }
  const seq = await startAtMatches(head, options.filter, query.tail);
  return seq === undefined ? undefined : { kind: 'after', seq };
}

function startAtCursor(head: LogHead, cursor: Cursor, ended: boolean): StartPoint {
  const { epoch, firstSeq, seq: lastSeq } = head;
  const { afterSeq, isReset } = resumePoint(cursor, { epoch, firstSeq, lastSeq });
  if (isReset) {
    // A cursor of this very epoch is ahead of the log: whatever began the epoch, entries were lost since.
    const reset: Reset = cursor.epoch === epoch ? { reason: 'lost', epoch } : head.reset;
    return { kind: 'after', seq: afterSeq, reset };
  }
  const hasEnd = cursor.done && ended && cursor.epoch === epoch && cursor.seq === lastSeq;
  return hasEnd ? { kind: 'finished' } : { kind: 'after', seq: afterSeq };
}

/** Walks backwards until as many entries match as are wanted. */
async function startAtMatches(head: LogHead, filter: EntryFilter, tail: number): Promise<number | undefined> {
  const log = { firstSeq: head.firstSeq, lastSeq: head.seq, expired: false };
  let wanted = tail;
  let oldest: LogFeedItem | undefined;
  for await (const step of backwards(historyOf(head), log)) {
    if (step.kind === 'changed') return undefined;
    if (step.kind === 'gap') {
      // The reader also asked for what was trimmed, unless that is older than `since`.
      return oldest !== undefined && filter.isBefore(oldest.record.entry) ? step.gap.to_seq : 0;
    }
    await prepareItems(filter, step.entries);
    for (const { record } of step.entries.toReversed()) {
      if (filter.matches(record.entry)) wanted -= 1;
      if (wanted === 0) return record.seq - 1;
    }
    oldest = step.entries[0] ?? oldest;
  }
  return 0;
}

/** The shared blocks of history, as long as the log is not replaced. */
function historyOf(head: LogHead): HistorySource<LogFeedItem> {
  const { generation, history } = head;
  return {
    startOf: (seq) => history.startOf(seq),
    after: async (seq) => {
      const { epoch, items, firstSeq, expired } = await history.after(seq);
      if (head.generation !== generation || epoch !== head.epoch) return undefined;
      return { from: items[0]?.record.seq ?? firstSeq, entries: items, expired };
    },
  };
}

/** Whether the head has a log; if not, whether the reader waits for one or has lost one. */
export function logState({ epoch }: LogHead, absent: 'awaited' | 'lost'): ReaderPosition['log'] {
  return epoch === UNBORN_EPOCH ? absent : 'present';
}
