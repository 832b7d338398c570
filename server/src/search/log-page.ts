import { formatCursor, parseCursor, type Cursor } from '@launchlog/shared/cursor';
import type { Gap, Reset } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogQuery } from '@launchlog/shared/log-query';
import { compileFilter, type EntryFilter } from '../feed/entry-filter.js';
import { LogHistory } from '../log/log-history.js';
import { readRecords, type LogRecord } from '../log/log-record.js';
import { resetReason, resumePoint } from '../log/log-resume.js';
import type { NodeLogStore } from '../log/log-store.js';

export interface LogPage {
  readonly records: readonly LogRecord[];
  /** Where the next page begins. */
  readonly nextCursor: string;
  /** Entries after the cursor, or within the tail, that are not held any more or were damaged. */
  readonly gap?: Gap;
  /** The log the cursor belongs to is gone; the entries are those of the new one. */
  readonly reset?: Reset;
}

/** The node of the requested log. */
interface PagedNode {
  readonly id: string;
  /** Undefined while the launch runs. */
  readonly endedAt?: string | undefined;
}

/**
 * Reads one page of history: the last entries that match, or those after a cursor. A log that changes in between ends the
 * page early; the next one then begins with the `gap` or `reset`. Throws a LaunchlogError for an invalid expression.
 */
export async function getLogs(store: NodeLogStore, node: PagedNode, query: LogQuery): Promise<LogPage> {
  const filter = compileFilter(query);
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const isTail = cursor === undefined && filter === undefined;
  const history = await LogHistory.open(store, node.id, { tail: isTail ? query.tail : 1 });
  if (cursor !== undefined)
    return pageAfter(history, cursor, { node, filter, limit: query.limit, oneGap: false });
  if (filter !== undefined) return lastMatches(history, filter, query.tail);
  const { tail } = query;
  return readForwards(history, Math.max(0, history.lastSeq - tail), { filter, limit: tail, oneGap: true });
}

interface LogPageRequest {
  readonly filter: EntryFilter | undefined;
  readonly limit: number;
  /** There is no further page: one gap spans all damaged entries of this one. */
  readonly oneGap: boolean;
}

async function pageAfter(
  history: LogHistory,
  cursor: Cursor,
  request: LogPageRequest & { readonly node: PagedNode },
): Promise<LogPage> {
  const { afterSeq, isReset } = resumePoint(cursor, history);
  const page = await readForwards(history, afterSeq, request);
  if (!isReset) return page;
  const reader = { epoch: cursor.epoch, launchRuns: request.node.endedAt === undefined };
  return { ...page, reset: { reason: resetReason(history.view, reader), epoch: history.epoch } };
}

/** Reads until the page is full or the log ends. */
async function readForwards(
  history: LogHistory,
  afterSeq: number,
  request: LogPageRequest,
): Promise<LogPage> {
  const matches: LogRecord[] = [];
  let seq = afterSeq;
  let gap: Gap | undefined;
  for await (const step of history.forwards(afterSeq)) {
    if (step.kind === 'changed') break;
    if (step.kind === 'gap') {
      if (matches.length > 0) break; // trimmed during the walk: the next page begins with the gap
      gap = { ...step.gap, from_seq: gap?.from_seq ?? step.gap.from_seq };
      seq = step.gap.to_seq;
      continue;
    }
    const records = readRecords(history.epoch, step.from, step.entries);
    await request.filter?.prepare(records.map(({ entry }) => entry));
    const page = takePage(records, { ...request, matches, gap });
    ({ gap } = page);
    seq = page.seq ?? seq;
    if (page.full) break;
  }
  return { records: matches, nextCursor: cursorAt(history, seq), ...(gap === undefined ? {} : { gap }) };
}

/** Takes from a slice what fits onto the page. `seq` is that of the last processed entry. */
function takePage(
  records: readonly LogRecord[],
  {
    filter,
    limit,
    oneGap,
    matches,
    ...before
  }: LogPageRequest & { matches: LogRecord[]; gap: Gap | undefined },
): { readonly gap: Gap | undefined; readonly seq: number | undefined; readonly full: boolean } {
  let { gap } = before;
  let seq: number | undefined;
  for (const record of records) {
    if (record.damaged) {
      // Each gap begins a page of its own, unless the caller asked for just one page.
      const continues = gap?.reason === 'damaged' && gap.to_seq === record.seq - 1 && matches.length === 0;
      if (!oneGap && !continues && (gap !== undefined || matches.length > 0)) return { gap, seq, full: true };
      gap = damageUpTo(gap, record.seq);
    } else if (filter?.matches(record.entry) ?? true) matches.push(record);
    ({ seq } = record);
    if (matches.length === limit) return { gap, seq, full: true };
  }
  return { gap, seq, full: false };
}

function damageUpTo(gap: Gap | undefined, seq: number): Gap {
  return {
    from_seq: Math.min(gap?.from_seq ?? seq, seq),
    to_seq: Math.max(gap?.to_seq ?? seq, seq),
    reason: 'damaged',
  };
}

/** Reads backwards until enough entries match. */
async function lastMatches(history: LogHistory, filter: EntryFilter, tail: number): Promise<LogPage> {
  const matches: LogRecord[] = [];
  let oldest: LogEntry | undefined;
  let gap: Gap | undefined;
  for await (const step of history.backwards()) {
    if (step.kind === 'changed') break;
    if (step.kind === 'gap') {
      // Entries older than `since` were not requested.
      if (oldest === undefined || !filter.isBefore(oldest)) gap ??= step.gap;
      break;
    }
    const records = readRecords(history.epoch, step.from, step.entries);
    for (const { damaged, seq } of records) if (damaged) gap = damageUpTo(gap, seq);
    const whole = records.filter(({ damaged }) => !damaged);
    await filter.prepare(whole.map(({ entry }) => entry));
    matches.push(...whole.filter(({ entry }) => filter.matches(entry)).toReversed());
    oldest = whole[0]?.entry ?? oldest;
    if (matches.length >= tail) break;
  }
  const page = { records: matches.slice(0, tail).reverse(), nextCursor: cursorAt(history, history.lastSeq) };
  return gap === undefined ? page : { ...page, gap };
}

function cursorAt({ epoch }: LogHistory, seq: number): string {
  return formatCursor({ epoch, seq, done: false });
}
