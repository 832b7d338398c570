import type { Ref } from 'react';
import type { TimeStyle } from '../../time/format-time.js';
import type { LogLine, LogRow } from './log-row.js';
import type { NodeLabel } from './node-labels.js';

/** The props of one row of the list. */
export interface LogRowViewProps {
  readonly ref?: Ref<HTMLDivElement> | undefined;
  readonly index: number;
  readonly top: number;
  readonly row: LogRow;
  /** Changes when a progress bar is folded into the line, so that React renders the mutated row again. */
  readonly revision: number;
  /** Start and end of each match, flat, as `findRanges` returns them. */
  readonly ranges: readonly number[] | undefined;
  /** The reader is at this match. */
  readonly current: boolean;
  /** The URL points to this row. */
  readonly anchored: boolean;
  /** The reader has selected this row. */
  readonly selected: boolean;
  readonly timeStyle: TimeStyle;
  readonly wrap: boolean;
  readonly startMs: number | undefined;
  readonly label: NodeLabel | undefined;
  readonly onAnchor: (seq: number, extend: boolean) => void;
  /** Everything that the line has is shown below it. */
  readonly expanded: boolean;
  /** Shows or hides that. */
  readonly onOpen: (line: LogLine) => void;
}
