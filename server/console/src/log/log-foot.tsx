import { useUrl } from '../router/url-store.js';
import { Button } from '../ui/button.js';
import type { ReadableStore } from '../state/store.js';
import { useStore } from '../state/store.js';
import type { StreamState } from './followed-log.js';
import type { LogSnapshot } from './store/log-store.js';
import type { RowFilter } from './store/row-filter.js';
import { isFiltering, SHOW_ALL, writeRowFilter } from './store/row-filter.js';

const STREAM_LABELS: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
  ended: 'Complete',
  failed: 'Stopped',
};

interface LogFootProps {
  readonly stream: ReadableStore<StreamState>;
  readonly snapshot: LogSnapshot;
  readonly filter: RowFilter;
}

export function LogFoot({ stream, snapshot, filter }: LogFootProps) {
  const url = useUrl();
  const state = useStore(stream);
  const hidden = snapshot.totalRows - snapshot.rows.length;
  return (
    <footer className="log-foot">
      <span className={`stream stream-${state}`} role="status">
        {STREAM_LABELS[state]}
      </span>
      <span className="tabular">{snapshot.rows.length.toLocaleString('en')} lines</span>
      {isFiltering(filter) && (
        <>
          <span className="tabular">{hidden.toLocaleString('en')} hidden by filters</span>
          <Button look="quiet" onClick={() => url.patchSearch(writeRowFilter(SHOW_ALL))}>
            Show all
          </Button>
        </>
      )}
      {snapshot.droppedRows > 0 && (
        <span className="tabular">
          {snapshot.droppedRows.toLocaleString('en')} older lines dropped from this page
        </span>
      )}
    </footer>
  );
}
