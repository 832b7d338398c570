import type { StatusEvent } from '@launchlog/shared/event';
import type { LogHead } from './log-head.js';
import { standingOf, type LogFeedItem, type Standing } from './log-item.js';

const QUEUED: StatusEvent = { phase: 'queued', progress: 0, message: 'The launch is queued' };
/** How many entries before `seq` are searched for its progress: not every entry has one. */
const LOOK_BACK = 100;

/**
 * The state of the launch after entry `seq`, for a reader that gets what follows: progress then does not fall when the replay
 * begins. Undefined at the end of the log, where the present state holds. Rejects when the log could not be read.
 */
export async function statusAt(head: LogHead, seq: number): Promise<StatusEvent | undefined> {
  if (seq >= head.seq) return undefined;
  if (seq === 0 && head.firstSeq <= 1) return QUEUED;
  const items = await itemsAround(head, seq);
  const before = items.filter(({ record }) => record.seq <= seq);
  // Entries before the oldest one are gone: the launch has come at least as far as that one.
  return statusOf(before.length > 0 ? before : items.slice(0, 1));
}

async function itemsAround(head: LogHead, seq: number): Promise<readonly LogFeedItem[]> {
  const { recent, history } = head;
  return (
    recent.after(Math.max(0, seq - LOOK_BACK)) ??
    recent.after(seq - 1) ??
    (await history.after(Math.max(0, seq - 1))).items
  );
}

function statusOf(items: readonly LogFeedItem[]): StatusEvent | undefined {
  let standing: Standing | undefined;
  let message = '';
  for (const { record } of items) {
    if (!record.hasStanding) continue;
    standing = standingOf(record.heading, standing);
    ({ message } = record.entry);
  }
  if (standing === undefined) return undefined;
  const { phase, progress } = standing;
  return { phase, ...(progress === undefined ? {} : { progress }), message };
}
