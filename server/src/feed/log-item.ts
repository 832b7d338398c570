import { formatCursor } from '@launchlog/shared/cursor';
import type { Gap, StatusEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Phase } from '@launchlog/shared/phase';
import { readRecords } from '../log/log-record.js';
import type { FeedBatch, FeedItem } from './feed-item.js';

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
    const cursor = formatCursor({ epoch: record.epoch, seq: record.seq, done: false });
    if (!record.hasStanding) return { kind: 'log', cursor, record };
    const status = changedStatus(record.entry, standing);
    standing = standingOf(record.entry, standing);
    return status === undefined ? { kind: 'log', cursor, record } : { kind: 'log', cursor, record, status };
  });
}

export function standingOf(entry: LogEntry, before: Standing | undefined): Standing {
  return { phase: entry.phase, progress: entry.progress ?? before?.progress };
}

export function gapItem(epoch: string, gap: Gap): FeedItem {
  return { kind: 'gap', cursor: formatCursor({ epoch, seq: gap.to_seq, done: false }), gap };
}

/** Replaces damaged entries by gaps. A batch without any stays the same array. */
export function gapsForDamage(batch: FeedBatch): FeedBatch {
  if (!batch.some(isDamaged)) return batch;
  const items: FeedItem[] = [];
  for (const item of batch) {
    const { record } = item.kind === 'log' ? item : {};
    if (record?.damaged !== true) {
      items.push(item);
      continue;
    }
    const last = items.at(-1);
    const continues =
      last?.kind === 'gap' && last.gap.reason === 'damaged' && last.gap.to_seq === record.seq - 1;
    if (continues) items.pop();
    const from_seq = continues ? last.gap.from_seq : record.seq;
    items.push(gapItem(record.epoch, { from_seq, to_seq: record.seq, reason: 'damaged' }));
  }
  return items;
}

function isDamaged(item: FeedItem): boolean {
  return item.kind === 'log' && item.record.damaged;
}

function changedStatus(entry: LogEntry, before: Standing | undefined): StatusEvent | undefined {
  const { progress } = standingOf(entry, before);
  if (before !== undefined && entry.phase === before.phase && progress === before.progress) return undefined;
  return { phase: entry.phase, ...(progress === undefined ? {} : { progress }), message: entry.message };
}
