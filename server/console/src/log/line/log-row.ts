import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Phase } from '@launchlog/shared/phase';
import type { StyleRun } from '../../ansi/ansi-text.js';

/** One entry as the page shows it; for a folded progress bar, its newest entry. */
export interface LogLine {
  readonly kind: 'line';
  /** Unique within its buffer, and larger than the id of every earlier row. */
  readonly id: number;
  readonly nodeId: string;
  entry: LogEntry;
  /** The message without control sequences. */
  text: string;
  styles: readonly StyleRun[];
  /** Milliseconds since 1970. Within one node's log it never decreases. */
  readonly timeMs: number;
  /** The seq of the first entry folded into this line; `entry.seq` is the last. */
  readonly firstSeq: number;
  /** Number of earlier states of a progress bar that this line replaced. */
  folded: number;
  /** Incremented by each change, so that views notice it. */
  revision: number;
  /** The id of the line with which this run of the phase began. */
  phaseGroup: number;
  /** The id of the first line of the list of packages that this line is part of; 0 outside of such a list. */
  packageGroup: number;
}

export type MarkTone = 'info' | 'warn' | 'error' | 'success';

/** A message to the reader between the lines. It is not part of the log. */
interface LogMark {
  readonly kind: 'mark';
  readonly id: number;
  readonly nodeId: string;
  readonly timeMs: number;
  readonly tone: MarkTone;
  readonly text: string;
}

export type LogRow = LogLine | LogMark;

export type FoldKind = 'phase' | 'packages';

/** The heading of a group of lines, which shows or hides them. It is not part of the log. */
export interface LogFold {
  readonly kind: 'fold';
  /** Between the ids of the line above and of the first line of the group. */
  readonly id: number;
  readonly nodeId: string;
  readonly what: FoldKind;
  /** Names the group among those of its kind. */
  readonly group: number;
  readonly phase: Phase;
  readonly isOpen: boolean;
  readonly startMs: number;
  endMs: number;
  /** Indexes of the first and last line among the rows that pass the filter. */
  readonly from: number;
  to: number;
  lines: number;
  warnings: number;
  errors: number;
  /** Incremented by each line, so that views notice it. */
  revision: number;
}

/** A row that is drawn. */
export type ShownRow = LogRow | LogFold;

/** What a stream delivers to a buffer, which makes a row of it. */
export type BufferItem =
  | { readonly kind: 'entry'; readonly nodeId: string; readonly entry: LogEntry }
  | { readonly kind: 'mark'; readonly nodeId: string; readonly tone: MarkTone; readonly text: string };
