import { useEffect, useMemo } from 'react';
import { useUrl } from '../router/url-store.js';
import { useStore } from '../state/store.js';
import type { FollowedLog } from './followed-log.js';
import type { LogPanelProps } from './log-panel.js';
import { LogPanel } from './log-panel.js';
import { readRowFilter } from './store/row-filter.js';
import { readSearchQuery } from './search/search-query.js';

interface LogViewerProps extends Pick<
  LogPanelProps,
  'startMs' | 'fileName' | 'epilogue' | 'nodeId' | 'nodes'
> {
  /** Undefined until the log has been opened. */
  readonly follower: FollowedLog | undefined;
}

/** A log with its toolbar, rows and status. Filters and search come from the URL. */
export function LogViewer({ follower, ...rest }: LogViewerProps) {
  const { search } = useStore(useUrl().store);
  const filter = useMemo(() => readRowFilter(search), [search]);
  const query = useMemo(() => readSearchQuery(search), [search]);
  useEffect(() => follower?.store.setFilter(filter), [follower, filter]);
  useEffect(() => follower?.store.setQuery(query), [follower, query]);
  if (follower === undefined) return <section className="log" aria-label="Log" aria-busy="true" />;
  return <LogPanel follower={follower} filter={filter} query={query} {...rest} />;
}
