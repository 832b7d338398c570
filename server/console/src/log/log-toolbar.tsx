import { LOG_SOURCES } from '@launchlog/shared/log-entry';
import { PHASES } from '@launchlog/shared/phase';
import { PHASE_LABELS } from '@launchlog/sdk';
import { useUrl } from '../router/url-store.js';
import { Button } from '../ui/button.js';
import { LevelFilter } from './level-filter.js';
import { LogFileMenu } from './log-file-menu.js';
import { FoldButton } from './fold-button.js';
import type { LogSnapshot, LogStore } from './store/log-store.js';
import { LogViewMenu } from './log-view-menu.js';
import type { RowFilter } from './store/row-filter.js';
import { writeRowFilter } from './store/row-filter.js';
import { LogSearchBox } from './search/log-search-box.js';
import type { SearchQuery } from './search/search-query.js';
import type { Matches } from './search/use-matches.js';
import { SetFilterMenu } from './set-filter-menu.js';

interface LogToolbarProps {
  readonly store: LogStore;
  readonly snapshot: LogSnapshot;
  readonly filter: RowFilter;
  readonly query: SearchQuery;
  readonly matches: Matches;
  readonly fileName: string;
  readonly severalNodes: boolean;
  /** The node that the log is of; undefined for several. */
  readonly nodeId: string | undefined;
  /** Shows the first error, then the next one. */
  readonly onError: () => void;
}

export function LogToolbar(props: LogToolbarProps) {
  const { store, snapshot, filter, query, matches, fileName, severalNodes, nodeId, onError } = props;
  const url = useUrl();
  const change = (next: RowFilter) => url.patchSearch(writeRowFilter(next));
  return (
    <div className="log-toolbar" role="group" aria-label="Log tools">
      <LogSearchBox query={query} status={snapshot.search} matches={matches} />
      <LevelFilter
        counts={snapshot.levelCounts}
        chosen={filter.levels}
        onChange={(levels) => change({ ...filter, levels })}
      />
      {snapshot.levelCounts.error > 0 && (
        <Button look="quiet" icon="alert" label="First error, then the next one (X)" onClick={onError} />
      )}
      <SetFilterMenu
        label="Phase"
        values={PHASES}
        labels={PHASE_LABELS}
        chosen={filter.phases}
        onChange={(phases) => change({ ...filter, phases })}
      />
      <SetFilterMenu
        label="Source"
        values={LOG_SOURCES}
        chosen={filter.sources}
        onChange={(sources) => change({ ...filter, sources })}
      />
      <span className="spacer" />
      <FoldButton store={store} snapshot={snapshot} />
      <LogViewMenu />
      <LogFileMenu rows={snapshot.passed} fileName={fileName} severalNodes={severalNodes} nodeId={nodeId} />
    </div>
  );
}
