import type { LogEntry } from '@launchlog/shared/log-entry';
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

/** What a stream delivers to a buffer, which makes a row of it. */
export type BufferItem =
  | { readonly kind: 'entry'; readonly nodeId: string; readonly entry: LogEntry }
  | { readonly kind: 'mark'; readonly nodeId: string; readonly tone: MarkTone; readonly text: string };
