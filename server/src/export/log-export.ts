import { parseCursor } from '@launchlog/shared/cursor';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Gap } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogExportQuery } from '@launchlog/shared/log-export';
import type { Clock } from '../clock.js';
import { compileFilter, type EntryFilter } from '../feed/entry-filter.js';
import { logItems } from '../feed/log-item.js';
import type { LogSlice, NodeLogStore } from '../log/log-store.js';
import { findMergedStart } from '../merged-feed/merged-start.js';
import { EXPORT_WRITERS } from './export-format.js';

/** Entries in memory at a time. */
const SLICE_ENTRIES = 256;

export interface LogExportRequest {
  readonly store: Pick<NodeLogStore, 'read'>;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly query: LogExportQuery;
}

export interface LogExport {
  /** Entries from the beginning of the log that are not held any more. */
  readonly gap: Gap | undefined;
  /**
   * The file. It throws when the log changed so that what follows cannot be had, after saying so in the file where its
   * format has a place for that: a file that ends by itself is whole.
   */
  readonly pieces: AsyncGenerator<string, void>;
}

/** A log as it is at this moment, slice by slice at the reader's pace. Throws a LaunchlogError for a bad expression. */
export async function exportLog(request: LogExportRequest): Promise<LogExport> {
  const { store, clock, nodeId, query } = request;
  const filter = compileFilter(query);
  const view = await store.read(nodeId, { from: { tail: 1 }, limit: 1 });
  const isEmpty = view.epoch === undefined || view.cleared;
  let afterSeq = 0;
  if (!isEmpty && query.tail !== undefined) {
    const starts = await findMergedStart({ store, clock, filter, tail: query.tail }, [nodeId]);
    afterSeq = parseCursor(starts.get(nodeId) ?? '')?.seq ?? 0;
  }
  const oldest = isEmpty ? 1 : view.firstSeq;
  const gap = oldest > afterSeq + 1 ? gapBefore(view, afterSeq + 1) : undefined;
  const walk: Walk = { request, filter, view, afterSeq: gap === undefined ? afterSeq : gap.to_seq };
  return { gap, pieces: written(request, isEmpty ? [] : entriesOf(walk)) };
}

interface Walk {
  readonly request: LogExportRequest;
  readonly filter: EntryFilter | undefined;
  readonly view: LogSlice;
  readonly afterSeq: number;
}

function gapBefore(view: LogSlice, fromSeq: number): Gap {
  return { from_seq: fromSeq, to_seq: view.firstSeq - 1, reason: view.expired ? 'expired' : 'trimmed' };
}

async function* written(
  request: LogExportRequest,
  slices: AsyncIterable<readonly LogEntry[]> | readonly (readonly LogEntry[])[],
): AsyncGenerator<string, void> {
  const writer = EXPORT_WRITERS[request.query.format];
  let first = true;
  yield writer.head;
  try {
    for await (const entries of slices) {
      if (entries.length === 0) continue;
      yield writer.body(entries, first);
      first = false;
    }
  } catch (error) {
    const reason = error instanceof LaunchlogError ? error.message : 'the log cannot be read now';
    yield writer.failure(reason);
    throw error;
  }
  yield writer.foot;
}

/** What matches, up to the last entry there was at the beginning. */
async function* entriesOf({ request, filter, view, afterSeq }: Walk): AsyncGenerator<readonly LogEntry[]> {
  const { store, nodeId } = request;
  for (let seq = afterSeq; seq < view.lastSeq;) {
    const limit = Math.min(SLICE_ENTRIES, view.lastSeq - seq);
    const slice = await store.read(nodeId, { from: { afterSeq: seq }, limit });
    requireSame(view, slice, seq);
    const { linesFrom: firstSeq, lines } = slice;
    const items = logItems({ epoch: slice.epoch ?? '', firstSeq, lines, before: undefined });
    seq += lines.length;
    yield items.map(({ record }) => record.entry).filter((entry) => filter?.matches(entry) ?? true);
  }
}

function requireSame(view: LogSlice, slice: LogSlice, afterSeq: number): void {
  if (slice.epoch !== view.epoch || slice.cleared) {
    throw new LaunchlogError('conflict', 'the log was cleared or lost while it was exported');
  }
  if (slice.lines.length === 0 || slice.linesFrom !== afterSeq + 1) {
    throw new LaunchlogError('conflict', `entries from ${afterSeq + 1} on went while the log was exported`);
  }
}
