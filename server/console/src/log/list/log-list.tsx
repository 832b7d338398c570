import type { Ref } from 'react';
import { useImperativeHandle, useRef } from 'react';
import { copiedLines } from '../line/copied-lines.js';
import type { LogRow } from '../line/log-row.js';
import type { NodeLabels } from '../line/node-labels.js';
import type { LogPreferences } from '../line/log-preferences.js';
import type { LogSnapshot, LogStore } from '../store/log-store.js';
import { FollowButton } from './follow-button.js';
import { LogRows } from './log-rows.js';
import { rowJumps } from './row-jumps.js';
import { useFollow } from './use-follow.js';
import { useKeptView } from './use-kept-view.js';
import { useRowSelection } from './use-row-selection.js';
import { useLineAnchor } from './use-line-anchor.js';
import { useLogVirtualizer } from './use-log-virtualizer.js';

export interface LogListHandle {
  /** Stops following the end, opens what the row is folded into and scrolls it into view. */
  readonly show: (row: LogRow) => void;
}

interface LogListProps {
  readonly ref: Ref<LogListHandle>;
  readonly store: LogStore;
  readonly snapshot: LogSnapshot;
  readonly preferences: LogPreferences;
  readonly startMs: number | undefined;
  readonly nodes: NodeLabels | undefined;
  /** The line of the search that the reader is at. */
  readonly currentMatch: LogRow | undefined;
}

/** The scrolled list of rows. Only those in view exist as elements. */
export function LogList({ ref, store, snapshot, preferences, startMs, nodes, currentMatch }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows } = snapshot;
  const follow = useFollow(scroller, snapshot.arrivedRows);
  const virtualizer = useLogVirtualizer(scroller, rows, follow.following);
  const { prepended } = snapshot;
  const { following } = follow;
  useKeptView({ scroller, height: virtualizer.getTotalSize(), prepended, following });
  const { show, toggle } = rowJumps({ store, virtualizer, unfollow: () => follow.set(false) });
  useImperativeHandle(ref, () => ({ show }));
  const anchor = useLineAnchor(store, snapshot, show);
  const textOf = (chosen: readonly LogRow[]) => copiedLines(chosen, nodes);
  const selection = useRowSelection({ scroller, rows: snapshot.passed, textOf });
  return (
    <div className="log-frame">
      <div
        ref={scroller}
        className={`log-scroll${preferences.wrap ? ' log-wrap' : ''}${selection.range === undefined ? '' : ' log-selecting'}`}
        role="log"
        aria-live="off"
        aria-label="Log lines"
        tabIndex={0}
        onScroll={() => {
          follow.onScroll();
          selection.onDrawnScroll();
        }}
        onWheel={follow.onWheel}
        onPointerDown={selection.onPointerDown}
        onPointerMove={selection.onPointerMove}
        onPointerUp={selection.onPointerUp}
        onKeyDown={selection.onKeyDown}
      >
        <LogRows
          virtualizer={virtualizer}
          store={store}
          rows={rows}
          preferences={preferences}
          startMs={startMs}
          nodes={nodes}
          currentMatch={currentMatch}
          anchor={anchor}
          range={selection.range}
          onToggle={toggle}
        />
      </div>
      <FollowButton following={follow.following} newRows={follow.newRows} onFollow={() => follow.set(true)} />
    </div>
  );
}
