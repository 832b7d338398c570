import type { LogEntry } from '@launchlog/shared/log-entry';
import type { StyleRun } from '../../ansi/ansi-text.js';

/** One entry as the page shows it. Where a progress bar was folded, the newest of its entries. */
export interface LogLine {
  readonly kind: 'line';
  /** Unique in one buffer for as long as the page lives, and larger than those of all rows before it. */
  readonly id: number;
  readonly nodeId: string;
  entry: LogEntry;
  /** The message without control sequences. */
  text: string;
  styles: readonly StyleRun[];
  /** Milliseconds since 1970; in one node's log never smaller than that of the line before. */
  readonly timeMs: number;
  /** The first of the entries that were folded into this line; `entry.seq` is the last. */
  readonly firstSeq: number;
  /** Earlier states of a progress bar that this line replaced. */
  folded: number;
  /** Counts the changes of this line, so that views can see one. */
  revision: number;
}

export type MarkTone = 'info' | 'warn' | 'error' | 'success';

/** Something the reader must know that is not part of the log. */
export interface LogMark {
  readonly kind: 'mark';
  readonly id: number;
  readonly nodeId: string;
  readonly timeMs: number;
  readonly tone: MarkTone;
  readonly text: string;
}

export type LogRow = LogLine | LogMark;

/** What a stream delivers to a buffer, before it has its row. */
export type BufferItem =
  | { readonly kind: 'entry'; readonly nodeId: string; readonly entry: LogEntry }
  | { readonly kind: 'mark'; readonly nodeId: string; readonly tone: MarkTone; readonly text: string };
