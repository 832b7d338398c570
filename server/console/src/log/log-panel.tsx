import { useCallback, useRef } from 'react';
import { useServices } from '../services.js';
import { useStore } from '../ui/store.js';
import type { FollowedLog } from './followed-log.js';
import type { LogListHandle } from './list/log-list.js';
import { LogList } from './list/log-list.js';
import { LogFoot } from './log-foot.js';
import { LogToolbar } from './log-toolbar.js';
import type { LogViewerProps } from './log-viewer-props.js';
import type { RowFilter } from './row-filter.js';
import type { SearchQuery } from './search/search-query.js';
import { useMatches } from './search/use-matches.js';

interface LogPanelProps extends Omit<LogViewerProps, 'follower'> {
  readonly follower: FollowedLog;
  readonly filter: RowFilter;
  readonly query: SearchQuery;
}

export function LogPanel({ follower, filter, query, startMs, fileName, nodes }: LogPanelProps) {
  const { logPreferences } = useServices();
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
