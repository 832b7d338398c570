import { useServices } from '../services.js';
import { Button } from '../ui/button.js';
import type { ReadableStore } from '../ui/store.js';
import { useStore } from '../ui/store.js';
import type { StreamState } from './followed-log.js';
import type { LogSnapshot } from './log-store.js';
import type { RowFilter } from './row-filter.js';
import { isFiltering, SHOW_ALL, writeRowFilter } from './row-filter.js';

const STREAM_WORDS: Readonly<Record<StreamState, string>> = {
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
  const { url } = useServices();
  const state = useStore(stream);
  const hidden = snapshot.totalRows - snapshot.rows.length;
  return (
    <footer className="log-foot">
      <span className={`stream stream-${state}`} role="status">
        {STREAM_WORDS[state]}
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
          {snapshot.droppedRows.toLocaleString('en')} older lines left this page
        </span>
      )}
    </footer>
  );
}
