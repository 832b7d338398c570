import { formatCursor, UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Reset } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { isTerminalPhase } from '@launchlog/shared/phase';
import type { LogEnd, LogRange } from '../log/log-store.js';
import { SLICE_ENTRIES, SLICE_MAX_BYTES } from '../log/slice-size.js';
import { standingOf, type LogFeedItem, type Standing } from './log-item.js';

/**
 * What a head knows of its log: a state machine. Each function below is a transition, and accepts only the states that it may
 * begin with.
 *
 *   unread ──begin──▶ open
 *   unread ──beginAbsent──▶ absent
 *   absent, open, closed ──replace──▶ open    a log has begun, has another epoch, or was rewound
 *   open, closed ──vanish──▶ absent
 *   open ──take──▶ open, or closed by a terminal entry
 *   open ──skipTo──▶ open                     past entries that the store has lost
 *   open ──close──▶ closed                    the store has closed a log whose terminal entry is gone
 */
export type KnownLog = UnreadLog | AbsentLog | PresentLog;
export type PresentLog = OpenLog | ClosedLog;

interface LogBase {
  /** The unborn epoch while there is no log. */
  readonly epoch: string;
  /** Grows whenever the log is replaced or vanishes: a seq is only good within one generation. */
  readonly generation: number;
  /** seq of the last entry that was announced to readers. */
  readonly seq: number;
  /** seq of the oldest entry that the store held when it was last asked. */
  readonly firstSeq: number;
  /** The reason given to a reader whose cursor is not in this log. */
  readonly reset: Reset['reason'];
}

interface NoLog extends LogBase {
  readonly epoch: typeof UNBORN_EPOCH;
  readonly seq: 0;
  readonly firstSeq: 1;
}

/** The store has not been read yet. */
export interface UnreadLog extends NoLog {
  readonly kind: 'unread';
}

export interface AbsentLog extends NoLog {
  readonly kind: 'absent';
  /** The cursor at the end of the log that vanished; undefined if none was seen. */
  readonly goneCursor: string | undefined;
}

interface OpenLog extends LogBase {
  readonly kind: 'open';
  /** The launch's phase and progress with the last entry; undefined: not known. */
  readonly standing: Standing | undefined;
}

interface ClosedLog extends LogBase {
  readonly kind: 'closed';
  /** The last entry, where it is still held. */
  readonly terminal: LogEntry | undefined;
}

/** The log that the store has answered with. */
interface FoundLog {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly reset: Reset['reason'];
}

/** Read first: the usual reader begins with the last 100 entries, and then needs no read of its own. */
const PREFILL: LogRange = { from: { tail: 200 }, limit: 200, maxBytes: SLICE_MAX_BYTES };

const NO_LOG = { epoch: UNBORN_EPOCH, seq: 0, firstSeq: 1 } as const;

export const UNREAD: UnreadLog = { kind: 'unread', ...NO_LOG, generation: 0, reset: 'lost' };

/** The entries up to `seq` are history, which readers ask for as they need it. */
export function begin({ generation }: UnreadLog, found: FoundLog, seq: number): OpenLog {
  return { kind: 'open', ...found, generation, seq, standing: undefined };
}

export function beginAbsent({ generation }: UnreadLog, reset: Reset['reason']): AbsentLog {
  return { kind: 'absent', ...NO_LOG, generation, reset, goneCursor: undefined };
}

/** A reader that waited for the log is at its beginning already; every other reader has to read it. */
export function replace(former: AbsentLog | PresentLog, found: FoundLog): OpenLog {
  const seq = former.kind === 'absent' ? 0 : found.firstSeq - 1;
  return { kind: 'open', ...found, generation: former.generation + 1, seq, standing: undefined };
}

export function vanish(former: PresentLog, reset: Reset['reason']): AbsentLog {
  const goneCursor = cursorOf(former);
  return { kind: 'absent', ...NO_LOG, generation: former.generation + 1, reset, goneCursor };
}

export function take(log: PresentLog, items: readonly LogFeedItem[]): PresentLog {
  const last = items.at(-1)?.record;
  if (last === undefined) return log;
  const { epoch, generation, firstSeq, reset } = log;
  const seq = log.seq + items.length;
  if (isTerminalPhase(last.heading.phase))
    return { kind: 'closed', epoch, generation, firstSeq, reset, seq, terminal: last.entry };
  if (log.kind === 'closed') return { ...log, seq };
  let { standing } = log;
  for (const { record } of items) if (record.hasStanding) standing = standingOf(record.heading, standing);
  return { kind: 'open', epoch, generation, firstSeq, reset, seq, standing };
}

export function skipTo(log: PresentLog, toSeq: number): PresentLog {
  return log.kind === 'open' ? { ...log, seq: toSeq, standing: undefined } : { ...log, seq: toSeq };
}

export function close(log: PresentLog): ClosedLog {
  if (log.kind === 'closed') return log;
  const { standing: _, ...base } = log;
  return { ...base, kind: 'closed', terminal: undefined };
}

/** A client that resumes from here gets a reset if a log has vanished, even before the next one has begun. */
export function cursorOf(log: KnownLog): string {
  const goneCursor = log.kind === 'absent' ? log.goneCursor : undefined;
  return goneCursor ?? formatCursor({ epoch: log.epoch, seq: log.seq, done: false });
}

/** Where the store must stand if nothing was missed. */
export function endOf({ epoch, seq }: KnownLog): LogEnd {
  return epoch === UNBORN_EPOCH ? { epoch: undefined, lastSeq: 0 } : { epoch, lastSeq: seq };
}

/** What is read next. */
export function rangeAfter(log: KnownLog): LogRange {
  if (log.kind === 'unread') return PREFILL;
  return { from: { afterSeq: log.seq }, limit: SLICE_ENTRIES, maxBytes: SLICE_MAX_BYTES };
}
