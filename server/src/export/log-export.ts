import { parseCursor } from '@launchlog/shared/cursor';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Gap } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogExportQuery } from '@launchlog/shared/log-export';
import type { Clock } from '../clock.js';
import { compileFilter, type EntryFilter } from '../feed/entry-filter.js';
import { LogHistory } from '../log/log-history.js';
import { readRecords } from '../log/log-record.js';
import type { NodeLogStore } from '../log/log-store.js';
import { findMergedStart } from '../merged-feed/merged-start.js';
import { heavyWork } from '../wait/fair-turns.js';
import { EXPORT_WRITERS } from './export-format.js';

/** Entries that are rendered in one turn of the event loop. */
export const PIECE_ENTRIES = 64;

interface LogExportRequest {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly query: LogExportQuery;
}

interface LogExport {
  /** Requested entries that are not held any more. */
  readonly gap: Gap | undefined;
  /**
   * The pieces of the file. Throws if the log changes so that the rest cannot be read, after reporting that in the file if
   * the format can. A file that ends without an error is complete. See decision 84.
   */
  readonly pieces: AsyncGenerator<string, void>;
}

/**
 * Exports a log as it is at this moment, slice by slice at the reader's pace. Throws a LaunchlogError for an invalid
 * expression.
 */
export async function exportLog(request: LogExportRequest): Promise<LogExport> {
  const { store, clock, nodeId, query } = request;
  const filter = compileFilter(query);
  const history = await LogHistory.open(store, nodeId);
  let afterSeq = 0;
  if (!history.isAbsent && query.tail !== undefined) {
    const starts = await findMergedStart({ store, clock, filter, tail: query.tail }, [nodeId]);
    afterSeq = parseCursor(starts.get(nodeId) ?? '')?.seq ?? 0;
  }
  const gap = history.gapAfter(afterSeq);
  const slices = matchingEntries(history, filter, gap?.to_seq ?? afterSeq);
  return { gap, pieces: written(query.format, slices) };
}

async function* written(
  format: LogExportQuery['format'],
  slices: AsyncIterable<readonly LogEntry[]>,
): AsyncGenerator<string, void> {
  const writer = EXPORT_WRITERS[format];
  let first = true;
  yield writer.head;
  try {
    for await (const entries of slices) {
      for (let at = 0; at < entries.length; at += PIECE_ENTRIES) {
        if (at > 0) await heavyWork.turn();
        yield writer.body(entries.slice(at, at + PIECE_ENTRIES), first);
        first = false;
      }
    }
  } catch (error) {
    const reason = error instanceof LaunchlogError ? error.message : 'the log cannot be read now';
    yield writer.failure(reason);
    throw error;
  }
  yield writer.foot;
}

/** Yields the matching entries up to the last one at the time of the call, a slice at a time. */
async function* matchingEntries(
  history: LogHistory,
  filter: EntryFilter | undefined,
  afterSeq: number,
): AsyncGenerator<readonly LogEntry[]> {
  for await (const step of history.forwards(afterSeq)) {
    switch (step.kind) {
      case 'changed':
        throw new LaunchlogError('conflict', 'the log was cleared or lost while it was exported');
      case 'gap': {
        const { from_seq } = step.gap;
        throw new LaunchlogError('conflict', `entries from ${from_seq} on went while the log was exported`);
      }
      case 'slice': {
        const entries = readRecords(history.epoch, step.from, step.entries).map(({ entry }) => entry);
        await filter?.prepare(entries);
        yield entries.filter((entry) => filter?.matches(entry) ?? true);
      }
    }
  }
}
