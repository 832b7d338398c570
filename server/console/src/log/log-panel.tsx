import { useCallback, useRef } from 'react';
import { useStore } from '../state/store.js';
import type { FollowedLog } from './followed-log.js';
import { useLogPreferences } from './line/log-preferences.js';
import type { LogListHandle } from './list/log-list.js';
import { LogList } from './list/log-list.js';
import { LogFoot } from './log-foot.js';
import { LogToolbar } from './log-toolbar.js';
import type { NodeLabels } from './line/node-labels.js';
import type { RowFilter } from './store/row-filter.js';
import type { SearchQuery } from './search/search-query.js';
import { useMatches } from './search/use-matches.js';

export interface LogPanelProps {
  readonly follower: FollowedLog;
  readonly filter: RowFilter;
  readonly query: SearchQuery;
  /** Where relative times begin; the time of the first line if undefined. */
  readonly startMs: number | undefined;
  readonly fileName: string;
  /** For a log of several nodes: the label of each. */
  readonly nodes: NodeLabels | undefined;
}

export function LogPanel({ follower, filter, query, startMs, fileName, nodes }: LogPanelProps) {
  const logPreferences = useLogPreferences();
  const preferences = useStore(logPreferences.store);
  const snapshot = useStore(follower.store);
  const list = useRef<LogListHandle>(null);
  const show = useCallback((index: number) => list.current?.show(index), []);
  const matches = useMatches(snapshot.matches, show);
  return (
    <section className="log" aria-label="Log">
      <LogToolbar
        snapshot={snapshot}
        filter={filter}
        query={query}
        matches={matches}
        fileName={fileName}
        severalNodes={nodes !== undefined}
      />
      <LogList
        ref={list}
        store={follower.store}
        snapshot={snapshot}
        preferences={preferences}
        startMs={startMs ?? snapshot.firstTimeMs}
        nodes={nodes}
        currentMatch={matches.currentIndex}
      />
      <LogFoot stream={follower.stream} snapshot={snapshot} filter={filter} />
    </section>
  );
}
