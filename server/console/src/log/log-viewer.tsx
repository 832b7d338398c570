import { useEffect, useMemo } from 'react';
import { useServices } from '../shell/services.js';
import { useStore } from '../ui/use-store.js';
import { LogPanel } from './log-panel.js';
import type { LogFollower } from './log-follower.js';
import type { NodeLabels } from './node-labels.js';
import { readRowFilter } from './row-filter.js';
import { readSearchQuery } from './search-query.js';

export interface LogViewerProps {
  readonly follower: LogFollower | undefined;
  /** Where relative times begin; the first line where unknown. */
  readonly startMs: number | undefined;
  readonly fileName: string;
  /** For a log of several nodes: what each is called and how it is coloured. */
  readonly nodes: NodeLabels | undefined;
}

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
