import { formatCursor } from '@launchlog/shared/cursor';
import type { Gap, StatusEvent } from '@launchlog/shared/event';
import type { Phase } from '@launchlog/shared/phase';
import type { EntryHeading } from '../log/entry/entry-heading.js';
import { readRecords, type LogRecord } from '../log/log-record.js';
import type { FeedBatch, FeedItem } from './feed-item.js';

export type LogFeedItem = Extract<FeedItem, { kind: 'log' }>;

/** The launch's phase and progress with an entry; the next entry is compared with them. */
export interface Standing {
  readonly phase: Phase;
  readonly progress: number | undefined;
}

/** Creates the items that all readers share. `before` belongs to the entry right before; undefined: not known. */
export function logItems({
  epoch,
  firstSeq,
  lines,
  before,
}: {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lines: readonly string[];
  readonly before: Standing | undefined;
}): LogFeedItem[] {
  let standing = before;
  return readRecords(epoch, firstSeq, lines).map((record) => {
    const cursor = formatCursor({ epoch: record.epoch, seq: record.seq, done: false });
    if (!record.hasStanding) return { kind: 'log', cursor, record, status: undefined };
    const status = changedStatus(record, standing);
    standing = standingOf(record.heading, standing);
    return { kind: 'log', cursor, record, status };
  });
}

/** That of the entry before, where nothing has changed. */
export function standingOf({ phase, progress }: EntryHeading, before: Standing | undefined): Standing {
  const now = progress ?? before?.progress;
  return before?.phase === phase && before.progress === now ? before : { phase, progress: now };
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

function changedStatus(record: LogRecord, before: Standing | undefined): StatusEvent | undefined {
  const { phase, progress } = standingOf(record.heading, before);
  if (before !== undefined && phase === before.phase && progress === before.progress) return undefined;
  return { phase, ...(progress === undefined ? {} : { progress }), message: record.entry.message };
}
