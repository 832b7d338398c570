import { useUrl } from '../router/url-store.js';
import { formatDuration } from '../time/format-time.js';
import { useNow } from '../time/ticker.js';
import { Button } from '../ui/button.js';
import type { ReadableStore } from '../state/store.js';
import { useStore } from '../state/store.js';
import type { StreamState } from './followed-log.js';
import type { LogSnapshot, LogStore } from './store/log-store.js';
import type { RowFilter } from './store/row-filter.js';
import { isFiltering, SHOW_ALL, writeRowFilter } from './store/row-filter.js';

const STREAM_LABELS: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting…',
  history: 'Loading history…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
  ended: 'Complete',
  failed: 'Stopped',
};

/** A live log without a line for this long shows since when it has been silent. */
const SILENCE_MS = 15_000;

interface LogFootProps {
  readonly stream: ReadableStore<StreamState>;
  readonly store: LogStore;
  readonly snapshot: LogSnapshot;
  readonly filter: RowFilter;
  readonly epilogue: string | undefined;
}

export function LogFoot({ stream, store, snapshot, filter, epilogue }: LogFootProps) {
  const url = useUrl();
  const state = useStore(stream);
  const hidden = snapshot.totalLines - snapshot.shownLines;
  return (
    <footer className="log-foot">
      <span className={`stream stream-${state}`} role="status">
        {STREAM_LABELS[state]}
      </span>
      <span className="tabular">{linesText(snapshot.shownLines)}</span>
      {state === 'live' && snapshot.lastTimeMs !== undefined && <Silence sinceMs={snapshot.lastTimeMs} />}
      {epilogue !== undefined && <span>{epilogue}</span>}
      {isFiltering(filter) && (
        <>
          <span className="tabular">{hidden.toLocaleString('en')} hidden by filters</span>
          <Button look="quiet" onClick={() => url.patchSearch(writeRowFilter(SHOW_ALL))}>
            Show all
          </Button>
        </>
      )}
      {snapshot.foldedLines > 0 && (
        <>
          <span className="tabular">{snapshot.foldedLines.toLocaleString('en')} folded</span>
          <Button look="quiet" onClick={() => store.foldAll(true)}>
            Unfold all
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

function linesText(lines: number): string {
  return lines === 1 ? '1 line' : `${lines.toLocaleString('en')} lines`;
}

/** People who watch a silent log want to know whether it hangs. */
function Silence({ sinceMs }: { sinceMs: number }) {
  const silentMs = useNow() - sinceMs;
  if (silentMs < SILENCE_MS) return undefined;
  return (
    <span className="tabular" title="The time since the last line">
      no line for {formatDuration(silentMs)}
    </span>
  );
}
