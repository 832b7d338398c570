import type { Ref } from 'react';
import { memo } from 'react';
import type { TimeStyle } from '../time/format-time.js';
import { LogLineView } from './log-line-view.js';
import type { LogRow } from './log-row.js';
import type { NodeLabel } from './node-labels.js';

export interface LogRowViewProps {
  readonly ref?: Ref<HTMLDivElement> | undefined;
  readonly index: number;
  readonly top: number;
  readonly row: LogRow;
  /** A line changes in place when a bar is folded into it; this tells React. */
  readonly revision: number;
  readonly before: LogRow | undefined;
  readonly ranges: readonly number[] | undefined;
  readonly current: boolean;
  readonly anchored: boolean;
  readonly timeStyle: TimeStyle;
  readonly wrap: boolean;
  readonly startMs: number | undefined;
  readonly label: NodeLabel | undefined;
  readonly onAnchor: (seq: number, extend: boolean) => void;
}

/** One row at its place in the list. */
export const LogRowView = memo(function LogRowView({ ref, index, top, row, ...rest }: LogRowViewProps) {
  return (
    <div
      ref={ref}
      data-index={index}
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

function rowClass(row: LogRow, { current, anchored }: Pick<LogRowViewProps, 'current' | 'anchored'>): string {
  if (row.kind === 'mark') return `log-row log-mark log-mark-${row.tone}`;
  return `log-row log-${row.entry.level}${anchored ? ' log-anchored' : ''}${current ? ' log-current' : ''}`;
}

/** The handler is a new function in each render and does the same. */
function sameRow(one: LogRowViewProps, other: LogRowViewProps): boolean {
  return (Object.keys(other) as (keyof LogRowViewProps)[]).every(
    (name) => name === 'onAnchor' || Object.is(one[name], other[name]),
  );
}
