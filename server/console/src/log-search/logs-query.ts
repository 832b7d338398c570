import type { LogLevel, LogSource } from '@launchlog/shared/log-entry';
import { LOG_LEVELS, LOG_SOURCES } from '@launchlog/shared/log-entry';
import { PHASES, type Phase } from '@launchlog/shared/phase';
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
  readonly phase: Phase | undefined;
  readonly source: LogSource | undefined;
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
    phase: PHASES.find((phase) => phase === search.get('phase')),
    source: LOG_SOURCES.find((source) => source === search.get('source')),
    deploymentId: search.get('deployment') ?? '',
    since: since ?? '',
  };
}

/** Whether something is looked for: a bound of time or a deployment alone would find every line. */
export function isAsked({ text, level, phase, source }: LogsQuery): boolean {
  return text !== '' || level !== undefined || phase !== undefined || source !== undefined;
}

/** The query as the server takes it; undefined while nothing is searched for. */
export function serverQueryOf(query: LogsQuery, nowMs: number): LogSearchQueryInput | undefined {
  const { text, isRegex, level, phase, source, deploymentId } = query;
  if (!isAsked(query)) return undefined;
  const days = SINCE_DAYS[query.since];
  return {
    ...(text !== '' && (isRegex ? { regex: text } : { q: text })),
    ...(level !== undefined && { level: [level] }),
    ...(phase !== undefined && { phase: [phase] }),
    ...(source !== undefined && { source: [source] }),
    ...(deploymentId !== '' && { deploymentId }),
    ...(days !== undefined && { since: new Date(nowMs - days * DAY_MS).toISOString() }),
  };
}
