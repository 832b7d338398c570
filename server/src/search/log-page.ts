import { formatCursor, parseCursor, UNBORN_EPOCH, type Cursor } from '@launchlog/shared/cursor';
import type { Gap, Reset } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogQuery } from '@launchlog/shared/log-query';
import { compileFilter, type EntryFilter } from '../feed/entry-filter.js';
import { logItems } from '../feed/log-item.js';
import type { LogSlice, NodeLogStore } from '../log/log-store.js';

/** Entries are read so many at a time. */
const SLICE_ENTRIES = 500;

export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** Where the next page begins. */
  readonly nextCursor: string;
  /** What lay after the cursor, or within the tail, is gone. */
  readonly gap?: Gap;
  /** The log the cursor belongs to is gone; the entries are those of the new one. */
  readonly reset?: Reset;
}

/** One page of history: the last entries that match, or those after a cursor. Throws a LaunchlogError for a bad expression. */
export async function getLogs(store: NodeLogStore, nodeId: string, query: LogQuery): Promise<LogPage> {
  const filter = compileFilter(query);
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const view = await store.read(nodeId, { from: { tail: 1 }, limit: 1 });
  const log: LogView = { store, nodeId, view, epoch: view.cleared ? undefined : view.epoch, filter };
  if (log.epoch === undefined) return nothing(log, cursor);
  if (cursor !== undefined) return pageAfter(log, cursor, query.limit);
  return filter === undefined ? lastEntries(log, query.tail) : lastMatches(log, query.tail);
}

/** A log as it was at one moment; what was appended later is left to the next page. */
interface LogView {
  readonly store: NodeLogStore;
  readonly nodeId: string;
  readonly view: LogSlice;
  /** Undefined while there is no log. */
  readonly epoch: string | undefined;
  readonly filter: EntryFilter | undefined;
}

async function pageAfter(log: LogView, cursor: Cursor, limit: number): Promise<LogPage> {
  const { view } = log;
  const known = cursor.epoch === UNBORN_EPOCH || (cursor.epoch === log.epoch && cursor.seq <= view.lastSeq);
  const reset: Reset | undefined = known
    ? undefined
    : { reason: resetReason(log, cursor), epoch: log.epoch ?? '' };
  const from = !known ? view.firstSeq - 1 : cursor.epoch === UNBORN_EPOCH ? 0 : cursor.seq;
  const page = await forwards(log, from, limit);
  return reset === undefined ? page : { ...page, reset };
}

function lastEntries(log: LogView, tail: number): Promise<LogPage> {
  return forwards(log, Math.max(0, log.view.lastSeq - tail), tail);
}

/** Reads on from a place until the page is full or the log ends. */
async function forwards(log: LogView, afterSeq: number, limit: number): Promise<LogPage> {
  const entries: LogEntry[] = [];
  let seq = afterSeq;
  let gap: Gap | undefined;
  while (entries.length < limit && seq < log.view.lastSeq) {
    const { lines, linesFrom, expired } = await readSlice(log, seq);
    const from = lines.length > 0 ? linesFrom : log.view.lastSeq + 1;
    if (from > seq + 1) {
      if (entries.length > 0) break; // trimmed while it was read: the next page begins with the gap
      gap = { from_seq: gap?.from_seq ?? seq + 1, to_seq: from - 1, reason: expired ? 'expired' : 'trimmed' };
    }
    seq = Math.max(seq, from - 1);
    for (const entry of entriesOf(log, linesFrom, lines)) {
      if (entries.length === limit) break;
      seq = entry.seq;
      if (log.filter?.matches(entry) ?? true) entries.push(entry);
    }
  }
  return { entries, nextCursor: cursorAt(log, seq), ...(gap === undefined ? {} : { gap }) };
}

/** Goes back, slice by slice, until as many entries match as are wanted. */
async function lastMatches(log: LogView, tail: number): Promise<LogPage> {
  const { view, filter } = log;
  const matches: LogEntry[] = [];
  let oldest: LogEntry | undefined;
  let end = view.lastSeq;
  while (matches.length < tail && end >= view.firstSeq) {
    const after = Math.max(end - SLICE_ENTRIES, view.firstSeq - 1);
    const { lines, linesFrom } = await readSlice(log, after);
    const entries = entriesOf(log, linesFrom, lines).filter(({ seq }) => seq <= end);
    for (const entry of entries.toReversed()) {
      if (matches.length < tail && (filter?.matches(entry) ?? true)) matches.push(entry);
    }
    oldest = entries[0] ?? oldest;
    end = after;
  }
  const page = { entries: matches.reverse(), nextCursor: cursorAt(log, view.lastSeq) };
  const complete = matches.length === tail || (oldest !== undefined && filter?.isBefore(oldest) === true);
  const gone = (oldest?.seq ?? view.firstSeq) - 1;
  if (complete || gone < 1) return page;
  return { ...page, gap: { from_seq: 1, to_seq: gone, reason: view.expired ? 'expired' : 'trimmed' } };
}

async function readSlice(log: LogView, afterSeq: number): Promise<LogSlice> {
  const limit = Math.min(SLICE_ENTRIES, log.view.lastSeq - afterSeq);
  const slice = await log.store.read(log.nodeId, { from: { afterSeq }, limit });
  const same = slice.epoch === log.epoch && !slice.cleared;
  // A log that began again meanwhile is a matter of the next page; of this one, nothing more can be had.
  return same ? slice : { ...slice, lines: [], linesFrom: log.view.lastSeq + 1, expired: true };
}

function entriesOf(log: LogView, firstSeq: number, lines: readonly string[]): LogEntry[] {
  const epoch = log.epoch ?? UNBORN_EPOCH;
  return logItems({ epoch, firstSeq, lines, before: undefined }).map(({ record }) => record.entry);
}

function nothing(log: LogView, cursor: Cursor | undefined): LogPage {
  const page = { entries: [], nextCursor: cursorAt(log, 0) };
  if (cursor === undefined || cursor.epoch === UNBORN_EPOCH) return page;
  return { ...page, reset: { reason: resetReason(log, cursor), epoch: UNBORN_EPOCH } };
}

/** A log of which nothing is left had its time, for all that can be known here. */
function resetReason({ view }: LogView, cursor: Cursor): Reset['reason'] {
  if (view.epoch === undefined) return 'expired';
  if (view.cleared || (view.began === 'cleared' && view.epoch !== cursor.epoch)) return 'cleared';
  return 'lost';
}

function cursorAt(log: LogView, seq: number): string {
  return formatCursor({ epoch: log.epoch ?? UNBORN_EPOCH, seq, done: false });
}
