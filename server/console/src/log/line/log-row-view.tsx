import { memo } from 'react';
import { LogLineView } from './log-line-view.js';
import type { LogRow } from './log-row.js';
import type { LogRowViewProps } from './log-row-view-props.js';

/** One row at its position in the list. */
export const LogRowView = memo(function LogRowView({ ref, index, top, row, ...rest }: LogRowViewProps) {
  return (
    <div
      ref={ref}
      data-index={index}
      data-id={row.id}
      className={rowClass(row, rest)}
      style={{ transform: `translateY(${top}px)` }}
    >
      {row.kind === 'mark' ? (
        <span className="log-mark-text">
          {rest.label !== undefined && (
            <span className={`hue-${rest.label.hue}`}>{rest.label.shortName} </span>
          )}
          {row.text}
        </span>
      ) : (
        <LogLineView row={row} {...rest} />
      )}
    </div>
  );
}, sameRow);

type RowState = Pick<LogRowViewProps, 'current' | 'anchored' | 'selected' | 'expanded'>;

function rowClass(row: LogRow, { current, anchored, selected, expanded }: RowState): string {
  const chosen = selected ? ' log-selected' : '';
  if (row.kind === 'mark') return `log-row log-mark log-mark-${row.tone}${chosen}`;
  const place = `${anchored ? ' log-anchored' : ''}${current ? ' log-current' : ''}${expanded ? ' log-expanded' : ''}`;
  return `log-row log-${row.entry.level}${place}${chosen}`;
}

/** Ignores the handlers: each render passes new functions that do the same. */
function sameRow(one: LogRowViewProps, other: LogRowViewProps): boolean {
  return (Object.keys(other) as (keyof LogRowViewProps)[]).every(
    (name) => name === 'onAnchor' || name === 'onOpen' || Object.is(one[name], other[name]),
  );
}
