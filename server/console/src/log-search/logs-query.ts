import type { LogLevel } from '@launchlog/shared/log-entry';
import { LOG_LEVELS } from '@launchlog/shared/log-entry';
import type { LogSearchQueryInput } from '@launchlog/shared/log-search';

const DAY_MS = 86_400_000;
const SINCE_DAYS = { '': undefined, '1d': 1, '7d': 7, '30d': 30 } as const;
type SearchSince = keyof typeof SINCE_DAYS;

export const SINCE_LABELS: Readonly<Record<SearchSince, string>> = {
  '': 'All time',
  '1d': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

/** What is searched for in the logs of all nodes. It is part of the URL. */
export interface LogsQuery {
  readonly text: string;
  readonly isRegex: boolean;
  readonly level: LogLevel | undefined;
  /** Empty for the nodes of all deployments. */
  readonly deploymentId: string;
  readonly since: SearchSince;
}

export function readLogsQuery(search: URLSearchParams): LogsQuery {
  const since = (Object.keys(SINCE_DAYS) as SearchSince[]).find((each) => each === search.get('since'));
  return {
    text: search.get('q') ?? '',
    isRegex: search.get('regex') === '1',
    level: LOG_LEVELS.find((level) => level === search.get('level')),
    deploymentId: search.get('deployment') ?? '',
    since: since ?? '',
  };
}

/** The query as the server takes it; undefined while nothing is searched for. */
export function serverQueryOf(query: LogsQuery, nowMs: number): LogSearchQueryInput | undefined {
  const { text, isRegex, level, deploymentId } = query;
  if (text === '' && level === undefined) return undefined;
  const days = SINCE_DAYS[query.since];
  return {
    ...(text !== '' && (isRegex ? { regex: text } : { q: text })),
    ...(level !== undefined && { level: [level] }),
    ...(deploymentId !== '' && { deploymentId }),
    ...(days !== undefined && { since: new Date(nowMs - days * DAY_MS).toISOString() }),
  };
}
