import type { Virtualizer } from '@tanstack/react-virtual';
import { useState } from 'react';
import { LineDetails } from '../line/line-details.js';
import { LogRowView } from '../line/log-row-view.js';
import type { LogLine, LogRow } from '../line/log-row.js';
import type { NodeLabels } from '../line/node-labels.js';
import type { LogPreferences } from '../line/log-preferences.js';
import type { LogStore } from '../store/log-store.js';
import type { RowRange } from './row-range.js';
import { coversId } from './row-range.js';
import type { AnchorView } from './use-line-anchor.js';

interface LogRowsProps {
  readonly virtualizer: Virtualizer<HTMLDivElement, Element>;
  readonly store: LogStore;
  readonly rows: readonly LogRow[];
  readonly preferences: LogPreferences;
  readonly startMs: number | undefined;
  readonly nodes: NodeLabels | undefined;
  readonly currentMatch: number | undefined;
  readonly anchor: AnchorView;
  /** The rows that the reader has selected. */
  readonly range: RowRange | undefined;
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
}: LogRowsProps) {
  const [opened, setOpened] = useState<LogLine>();
  // Without wrapping every row is one line high and need not be measured.
  const measure = preferences.wrap ? virtualizer.measureElement : undefined;
  return (
    <div className="log-rows" style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map((item) => {
        const row = rows[item.index];
        if (row === undefined) return undefined;
        return (
          <LogRowView
            // Not `item.key`: the item may have been laid out before its row arrived.
            key={row.id}
            ref={measure}
            index={item.index}
            top={item.start}
            row={row}
            revision={row.kind === 'line' ? row.revision : 0}
            before={rows[item.index - 1]}
            ranges={store.search.rangesOf(row.id)}
            current={item.index === currentMatch}
            anchored={anchor.covers(row)}
            selected={range !== undefined && coversId(range, row.id)}
            timeStyle={preferences.timeStyle}
            wrap={preferences.wrap}
            startMs={startMs}
            label={nodes?.get(row.nodeId)}
            onAnchor={anchor.choose}
            onOpen={setOpened}
          />
        );
      })}
      {opened !== undefined && (
        <LineDetails line={opened} nodes={nodes} onClose={() => setOpened(undefined)} />
      )}
    </div>
  );
}
