import type { Ref } from 'react';
import type { TimeStyle } from '../../time/format-time.js';
import type { LogRow } from './log-row.js';
import type { NodeLabel } from './node-labels.js';

/** What one row of the list is drawn from. */
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
