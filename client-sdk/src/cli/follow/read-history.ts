import { formatCursor, ORIGIN, parseCursor } from '@launchlog/shared/cursor';
import type { Cursor } from '@launchlog/shared/cursor';
import type { Gap } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogFilter, LogPage } from '@launchlog/shared/log-query';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { patiently } from '../session/patiently.js';

interface HistoryRequest {
  readonly client: LaunchlogClient;
  readonly nodeId: string;
  readonly filter: Partial<LogFilter>;
  /** How many of the matching entries, counted from the end. */
  readonly tail: number | 'all';
  /** The most entries that are held at once. */
  readonly hold: number;
  readonly interrupted: AbortSignal;
  readonly onGap: (gap: Gap) => void;
}

/**
 * Yields entries of a log in order, up to its end at the time of the call. Reads page after page as they are needed, so that
 * a thousand logs fit into memory together.
 */
export async function* readHistory(request: HistoryRequest): AsyncGenerator<LogEntry, void, void> {
  const { filter, tail, hold } = request;
  const first = await pageOf(request, tail === 'all' ? { tail: 1 } : { ...filter, tail });
  const end = parseCursor(first.nextCursor) ?? ORIGIN;
  let position: Cursor = ORIGIN;
  if (tail !== 'all') {
    const kept = first.logs.slice(0, hold);
    yield* kept;
    const last = kept.at(-1);
    if (last === undefined || kept.length === first.logs.length) return;
    position = { epoch: end.epoch, seq: last.seq, done: false };
  }
  const sinceMs = filter.since === undefined ? -Infinity : Date.parse(filter.since);
  while (position.seq < end.seq && !request.interrupted.aborted) {
    const page = await pageOf(request, { ...filter, cursor: formatCursor(position), limit: hold });
    if (page.gap !== undefined) request.onGap(page.gap);
    for (const entry of page.logs) {
      if (entry.seq > end.seq) return;
      // A cursor takes the place of `since`.
      if (Date.parse(entry.timestamp) >= sinceMs) yield entry;
    }
    const next = parseCursor(page.nextCursor);
    // Another log stands there now, or there is nothing more.
    if (next === undefined || next.epoch !== end.epoch || next.seq <= position.seq) return;
    position = next;
  }
}

function pageOf(
  { client, nodeId, interrupted }: HistoryRequest,
  query: Parameters<LaunchlogClient['logs']>[1],
): Promise<LogPage> {
  return patiently(async () => client.logs(nodeId, query), interrupted);
}
