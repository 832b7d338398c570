import type { Gap, Reset } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { LogQuery } from '@launchlog/shared/log-query';
import type { NodeLogStore } from './log-store.js';

export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** Where the next page begins. */
  readonly nextCursor: string;
  /** What lay after the cursor, or within the tail, is gone. */
  readonly gap?: Gap;
  /** The log the cursor belongs to is gone; the entries are those of the new one. */
  readonly reset?: Reset;
}

/** One page of history: the last entries that match, or those after a cursor. */
export function getLogs(store: NodeLogStore, nodeId: string, query: LogQuery): Promise<LogPage> {
  return Promise.reject(new Error(`not written yet: ${nodeId} ${query.limit} ${store.constructor.name}`));
}
