import { useEffect, useMemo } from 'react';
import { useServices } from '../services.js';
import { useStore } from '../ui/store.js';
import { LogPanel } from './log-panel.js';
import type { LogViewerProps } from './log-viewer-props.js';
import { readRowFilter } from './row-filter.js';
import { readSearchQuery } from './search/search-query.js';

/** A log with everything to read it by. Filters and search come from the URL. */
export function LogViewer({ follower, ...rest }: LogViewerProps) {
  const { search } = useStore(useServices().url.store);
  const filter = useMemo(() => readRowFilter(search), [search]);
  const query = useMemo(() => readSearchQuery(search), [search]);
  useEffect(() => follower?.store.setFilter(filter), [follower, filter]);
  useEffect(() => follower?.store.setQuery(query), [follower, query]);
  if (follower === undefined) return <section className="log" aria-label="Log" aria-busy="true" />;
  return <LogPanel follower={follower} filter={filter} query={query} {...rest} />;
}
