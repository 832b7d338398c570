import { UNBORN_EPOCH, type Cursor } from '@launchlog/shared/cursor';
import type { Reset } from '@launchlog/shared/event';
import type { LogSlice } from './log-store.js';

/** The position from which a reader with a cursor continues. */
interface ResumePoint {
  readonly afterSeq: number;
  /** The cursor belongs to another log, or to entries this one has lost: the reader gets a `reset` first. */
  readonly isReset: boolean;
}

/** `log` is the present one; its epoch is the unborn one while there is none. */
export function resumePoint(
  cursor: Cursor,
  log: { readonly epoch: string; readonly firstSeq: number; readonly lastSeq: number },
): ResumePoint {
  if (cursor.epoch === log.epoch && cursor.seq <= log.lastSeq)
    return { afterSeq: cursor.seq, isReset: false };
  // A reader that waited for the log to begin has missed only what is in it.
  if (cursor.epoch === UNBORN_EPOCH) return { afterSeq: 0, isReset: false };
  return { afterSeq: log.firstSeq - 1, isReset: true };
}

/** What a reader knows of its log when it finds another one. */
interface ResetReader {
  /** The epoch of the log that the client has read. */
  readonly epoch: string;
  /** The launch has not ended, so its log cannot have reached the end of its time to live. */
  readonly launchRuns: boolean;
}

/**
 * Why the log a reader knew is gone. Streams and pages of history give the same answer:
 *
 *   the store knows of no log          running launch: `lost`, ended launch: `expired`
 *   emptied by an operator             `cleared`, also after the next epoch has begun
 *   everything else                    `lost`: it was lost and began again, or ends before the reader's position
 */
export function resetReason(
  log: Pick<LogSlice, 'epoch' | 'cleared' | 'began'>,
  reader: ResetReader,
): Reset['reason'] {
  if (log.epoch === undefined) return reader.launchRuns ? 'lost' : 'expired';
  if (log.cleared) return 'cleared';
  // Within the same epoch nothing was cleared: the log ends before the reader's position.
  return log.began === 'cleared' && log.epoch !== reader.epoch ? 'cleared' : 'lost';
}
