import { formatCursor } from '@launchlog/shared/cursor';
import type { Gap, StatusEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Phase } from '@launchlog/shared/phase';
import { readRecords } from '../log/log-record.js';
import type { FeedItem } from './feed-item.js';

export type LogFeedItem = Extract<FeedItem, { kind: 'log' }>;

/** The launch's phase and progress with an entry; the next entry is compared with them. */
export interface Standing {
  readonly phase: Phase;
  readonly progress: number | undefined;
}

/** Creates the items that all readers share. `before` belongs to the entry right before; undefined: not known. */
export function logItems(lines: {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lines: readonly string[];
  readonly before: Standing | undefined;
}): LogFeedItem[] {
  let standing = lines.before;
  return readRecords(lines.epoch, lines.firstSeq, lines.lines).map((record) => {
    const status = changedStatus(record.entry, standing);
    standing = standingOf(record.entry, standing);
    const cursor = formatCursor({ epoch: record.epoch, seq: record.seq, done: false });
    return status === undefined ? { kind: 'log', cursor, record } : { kind: 'log', cursor, record, status };
  });
}

export function standingOf(entry: LogEntry, before: Standing | undefined): Standing {
  return { phase: entry.phase, progress: entry.progress ?? before?.progress };
}

export function gapItem(epoch: string, gap: Gap): FeedItem {
  return { kind: 'gap', cursor: formatCursor({ epoch, seq: gap.to_seq, done: false }), gap };
}

function changedStatus(entry: LogEntry, before: Standing | undefined): StatusEvent | undefined {
  const { progress } = standingOf(entry, before);
  if (before !== undefined && entry.phase === before.phase && progress === before.progress) return undefined;
  return { phase: entry.phase, ...(progress === undefined ? {} : { progress }), message: entry.message };
}
