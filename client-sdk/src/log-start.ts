import { formatCursor, ORIGIN } from '@launchlog/shared/cursor';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { FollowOptions } from './follow-options.js';
import type { OneOrMany } from './one-or-many.js';

/** The position before the first entry of any log. */
export const LOG_BEGINNING = formatCursor(ORIGIN);

/** Filters, and where to start, as the server takes them. */
export type LogStart = OneOrMany<LogStreamQueryInput>;

/** The server does not know `tail: 'all'`. A `cursor` already names where to start. */
export function startOf({ tail, ...query }: Omit<FollowOptions, 'signal' | 'connectionEvents'>): LogStart {
  if (tail === 'all') return { ...query, cursor: query.cursor ?? LOG_BEGINNING };
  return tail === undefined ? query : { ...query, tail };
}
