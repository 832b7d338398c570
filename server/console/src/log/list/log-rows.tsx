import type { Virtualizer } from '@tanstack/react-virtual';
import { useState } from 'react';
import { LogFoldView } from '../line/log-fold-view.js';
import { LogRowView } from '../line/log-row-view.js';
import type { LogFold, LogLine, LogRow, ShownRow } from '../line/log-row.js';
import type { NodeLabels } from '../line/node-labels.js';
import type { LogPreferences } from '../line/log-preferences.js';
import type { LogStore } from '../store/log-store.js';
import type { RowRange } from './row-range.js';
import { coversId } from './row-range.js';
import type { AnchorView } from './use-line-anchor.js';

interface LogRowsProps {
  readonly virtualizer: Virtualizer<HTMLDivElement, Element>;
  readonly store: LogStore;
  readonly rows: readonly ShownRow[];
  readonly preferences: LogPreferences;
  readonly startMs: number | undefined;
  readonly nodes: NodeLabels | undefined;
  readonly currentMatch: LogRow | undefined;
  readonly anchor: AnchorView;
  /** The rows that the reader has selected. */
  readonly range: RowRange | undefined;
  readonly onToggle: (fold: LogFold) => void;
}

/** The rows in view, each at its position in a box as high as all rows together. */
export function LogRows({
  virtualizer,
  store,
  rows,
  preferences,
  startMs,
  nodes,
  currentMatch,
  anchor,
  range,
  onToggle,
}: LogRowsProps) {
  const [opened, toggleDetails] = useOpenedLines();
  const headings = { ref: virtualizer.measureElement, onToggle };
  return (
    <div className="log-rows" style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map((item) => {
        const row = rows[item.index];
        if (row === undefined) return undefined;
        // Not `item.key`: the item may have been laid out before its row arrived.
        const place = { index: item.index, top: item.start };
        if (row.kind === 'fold')
          return <LogFoldView key={row.id} {...place} {...foldProps(row, store)} {...headings} />;
        return (
          <LogRowView
            key={row.id}
            // Without wrapping a row is one line high and need not be measured.
            ref={preferences.wrap || opened.has(row.id) ? virtualizer.measureElement : undefined}
            {...place}
            row={row}
            revision={row.kind === 'line' ? row.revision : 0}
            ranges={store.search.rangesOf(row.id)}
            current={row.id === currentMatch?.id}
            anchored={anchor.covers(row)}
            selected={range !== undefined && coversId(range, row.id)}
            timeStyle={preferences.timeStyle}
            wrap={preferences.wrap}
            startMs={startMs}
            label={nodes?.get(row.nodeId)}
            onAnchor={anchor.choose}
            expanded={opened.get(row.id) === true}
            onOpen={toggleDetails}
          />
        );
      })}
    </div>
  );
}

function foldProps(fold: LogFold, store: LogStore) {
  return { fold, revision: fold.revision, matches: store.matchesIn(fold) };
}

/**
 * The lines whose details were opened, and whether they still are. A line that was opened once is measured from then on: it may
 * have been closed again.
 */
function useOpenedLines(): [opened: ReadonlyMap<number, boolean>, toggle: (line: LogLine) => void] {
  const [opened, setOpened] = useState<ReadonlyMap<number, boolean>>(new Map());
  const toggle = ({ id }: LogLine) => setOpened((before) => new Map(before).set(id, before.get(id) !== true));
  return [opened, toggle];
}
