import { formatCursor } from '@launchlog/shared/cursor';
import type { Gap, StatusEvent } from '@launchlog/shared/event';
import { logEntrySchema, type LogEntry } from '@launchlog/shared/log-entry';
import type { Phase } from '@launchlog/shared/phase';
import { LogRecord, type FeedItem } from './feed-item.js';

export type LogItem = Extract<FeedItem, { kind: 'log' }>;

/** Where the launch stood with an entry; what the next one is compared with. */
export interface Standing {
  readonly phase: Phase;
  readonly progress: number | undefined;
}

/** Makes the items all readers share. `before` is the standing of the entry right before; undefined: not known. */
export function logItems(lines: {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lines: readonly string[];
  readonly before: Standing | undefined;
}): LogItem[] {
  let standing = lines.before;
  return lines.lines.map((line, index) => {
    const record = readRecord(lines.epoch, lines.firstSeq + index, line);
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

/** Whatever stands in the list, the stream goes on: what is no entry is shown as one that says so. */
function readRecord(epoch: string, seq: number, line: string): LogRecord {
  const record = new LogRecord(epoch, seq, line);
  try {
    if (record.entry.seq === seq) return record;
  } catch {
    // below
  }
  const substitute: LogEntry = {
    seq,
    timestamp: UNKNOWN_TIME,
    level: 'error',
    message: 'this line of the log cannot be read',
    phase: 'queued',
    source: 'orchestrator',
  };
  return new LogRecord(epoch, seq, JSON.stringify(logEntrySchema.parse(substitute)));
}

const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z';

function changedStatus(entry: LogEntry, before: Standing | undefined): StatusEvent | undefined {
  const { progress } = standingOf(entry, before);
  if (before !== undefined && entry.phase === before.phase && progress === before.progress) return undefined;
  return { phase: entry.phase, ...(progress === undefined ? {} : { progress }), message: entry.message };
}
