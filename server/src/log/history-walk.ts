import type { Gap } from '@launchlog/shared/event';

/**
 * The source from which a walk reads the history of one log. All readers of a process may share one: it then reads in blocks,
 * and a slice may begin before the requested entry.
 */
export interface HistorySource<Entry> {
  /**
   * The slice with the entry after `seq`, or with the oldest one still held after it. Undefined when the log was replaced: it
   * was cleared, or restarted. Rejects as the log store does. A slice with long lines may be cut short.
   */
  after(seq: number): Promise<HistorySlice<Entry> | undefined>;
  /** A slice read after this seq includes entry `seq`; if it was cut short before it, the next answer is nearer to `seq`. */
  startOf(seq: number): number;
}

/** Entries without a hole between them, oldest first: `entries[i]` has seq `from + i`. */
export interface HistorySlice<Entry> {
  readonly from: number;
  /** Empty when the source holds nothing after the seq that was asked for. */
  readonly entries: readonly Entry[];
  /** The missing entries outlived the log's time to live; otherwise they were trimmed. */
  readonly expired: boolean;
}

export type HistoryStep<Entry> =
  /** Never empty; oldest first, in both directions of the walk. */
  | { readonly kind: 'slice'; readonly from: number; readonly entries: readonly Entry[] }
  /** These entries are not held any more. */
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** The last step: the log was replaced, and its rest cannot be read. */
  | { readonly kind: 'changed' };

/** The log as it was when the walk began. Entries appended later belong to the next walk. */
interface WalkedLog {
  /** seq of the oldest held entry; `lastSeq + 1` without any. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** No entry is held because of the time to live. */
  readonly expired: boolean;
}

/*
 * Both walks read one slice at a time, when the caller asks for the next step.
 *
 *                 firstSeq                        lastSeq
 *     not held        │ oldest    …    newest        │ appended later
 *  ───────────────────┼──────────────────────────────┼────────────────
 *          └── gap ───┴─► slice ──► slice ──► slice ─┘                    forwards(afterSeq)
 *  ┌────── gap ◄──────┬── slice ◄── slice ◄── slice ◄┐                    backwards()
 *
 * Loss: the store may trim entries during the walk. Forwards, that is a gap between two slices; backwards, everything
 * before it is gone as well, so the gap is the last step. Every entry in the range of the walk is in exactly one slice or
 * gap, unless the last step is `changed`.
 */

/** Walks from the entry after `afterSeq` to the end of the log. */
export async function* forwards<Entry>(
  source: HistorySource<Entry>,
  { lastSeq }: Pick<WalkedLog, 'lastSeq'>,
  afterSeq: number,
): AsyncGenerator<HistoryStep<Entry>, void> {
  for (let seq = afterSeq; seq < lastSeq;) {
    const slice = await source.after(seq);
    if (slice === undefined) return yield { kind: 'changed' };
    const { from, entries } = cut(slice, seq, lastSeq);
    const gap = gapBetween({ afterSeq: seq, beforeSeq: from, expired: slice.expired });
    if (gap !== undefined) yield { kind: 'gap', gap };
    if (entries.length > 0) yield { kind: 'slice', from, entries };
    seq = from + entries.length - 1;
  }
}

/** Walks from the end of the log to its first entry, whether held or not. */
export async function* backwards<Entry>(
  source: HistorySource<Entry>,
  log: WalkedLog,
): AsyncGenerator<HistoryStep<Entry>, void> {
  let { expired } = log;
  let oldest = log.lastSeq + 1;
  while (oldest > Math.max(log.firstSeq, 1)) {
    const start = Math.max(source.startOf(oldest - 1), log.firstSeq - 1);
    const slice = await source.after(start);
    if (slice === undefined) return yield { kind: 'changed' };
    const { from, entries } = cut(slice, start, oldest - 1);
    // Cut short: the slice begins nearer to its end when it is read again.
    if (entries.length > 0 && from + entries.length < oldest) continue;
    if (entries.length > 0) yield { kind: 'slice', from, entries };
    oldest = from;
    expired = slice.expired;
    if (oldest > start + 1) break;
  }
  const gap = gapBetween({ afterSeq: 0, beforeSeq: oldest, expired });
  if (gap !== undefined) yield { kind: 'gap', gap };
}

/** The entries between two others, which are not held any more; undefined when there are none. */
export function gapBetween(hole: {
  readonly afterSeq: number;
  readonly beforeSeq: number;
  readonly expired: boolean;
}): Gap | undefined {
  const { afterSeq, beforeSeq, expired } = hole;
  if (beforeSeq <= afterSeq + 1) return undefined;
  return { from_seq: afterSeq + 1, to_seq: beforeSeq - 1, reason: expired ? 'expired' : 'trimmed' };
}

/** The part of a slice from `afterSeq` (exclusive) to `lastSeq` (inclusive). An empty part begins after `lastSeq`. */
function cut<Entry>(
  slice: HistorySlice<Entry>,
  afterSeq: number,
  lastSeq: number,
): Pick<HistorySlice<Entry>, 'from' | 'entries'> {
  const from = Math.max(slice.from, afterSeq + 1);
  const entries = slice.entries.slice(from - slice.from, Math.max(0, lastSeq + 1 - slice.from));
  return entries.length > 0 ? { from, entries } : { from: lastSeq + 1, entries };
}
