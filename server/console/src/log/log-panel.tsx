import { useCallback, useRef } from 'react';
import { useStore } from '../state/store.js';
import type { FollowedLog } from './followed-log.js';
import type { LogRow } from './line/log-row.js';
import { useLogPreferences } from './line/log-preferences.js';
import type { LogListHandle } from './list/log-list.js';
import { LogList } from './list/log-list.js';
import { LogFoot } from './log-foot.js';
import { LogToolbar } from './log-toolbar.js';
import type { NodeLabels } from './line/node-labels.js';
import type { RowFilter } from './store/row-filter.js';
import type { SearchQuery } from './search/search-query.js';
import { useErrorJump } from './use-error-jump.js';
import { useMatches } from './search/use-matches.js';

export interface LogPanelProps {
  readonly follower: FollowedLog;
  readonly filter: RowFilter;
  readonly query: SearchQuery;
  /** Where relative times begin; the time of the first line if undefined. */
  readonly startMs: number | undefined;
  readonly fileName: string;
  /** What has become of the node since its launch ended; undefined while it is what the log states. */
  readonly epilogue?: string | undefined;
  /** The node that the log is of; undefined for several. */
  readonly nodeId?: string | undefined;
  /** For a log of several nodes: the label of each. */
  readonly nodes: NodeLabels | undefined;
}

export function LogPanel(props: LogPanelProps) {
  const { follower, filter, query, startMs, fileName, epilogue, nodeId, nodes } = props;
  const logPreferences = useLogPreferences();
  const preferences = useStore(logPreferences.store);
  const snapshot = useStore(follower.store);
  const list = useRef<LogListHandle>(null);
  const show = useCallback((row: LogRow) => list.current?.show(row), []);
  const { passed } = snapshot;
  const matches = useMatches(snapshot.matches, (index) => passed[index] && show(passed[index]));
  const jumpToError = useErrorJump({ store: follower.store, severalNodes: nodes !== undefined, show });
  return (
    <section className={epilogue === undefined ? 'log' : 'log log-over'} aria-label="Log">
      <LogToolbar
        store={follower.store}
        snapshot={snapshot}
        filter={filter}
        query={query}
        matches={matches}
        fileName={fileName}
        severalNodes={nodes !== undefined}
        nodeId={nodeId}
        onError={jumpToError}
      />
      <LogList
        ref={list}
        store={follower.store}
        snapshot={snapshot}
        preferences={preferences}
        startMs={startMs ?? snapshot.firstTimeMs}
        nodes={nodes}
        currentMatch={matches.currentIndex === undefined ? undefined : passed[matches.currentIndex]}
      />
      <LogFoot
        stream={follower.stream}
        store={follower.store}
        snapshot={snapshot}
        filter={filter}
        epilogue={epilogue}
      />
    </section>
  );
}
