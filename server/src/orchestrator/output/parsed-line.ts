import type { LogDetails, LogLevel } from '@launchlog/shared/log-entry';
import type { FailureReason } from '@launchlog/shared/node';
import type { LaunchEvent } from '../launch-event.js';

/** What one line of output says. */
export interface ParsedLine {
  readonly level: LogLevel;
  /** The line as people should read it: without prefixes that are said elsewhere. */
  readonly message: string;
  readonly details?: LogDetails | undefined;
  readonly event?: LaunchEvent | undefined;
  /** Why the launch will fail, if it does: a line alone never ends a launch. */
  readonly cause?: Cause | undefined;
  /** The line is a state of a progress bar. */
  readonly bar?: ProgressBar | undefined;
}

export interface Failure {
  readonly reason: FailureReason;
  /** One sentence for people. */
  readonly message: string;
}

export interface Cause extends Failure {
  /** A line that names no root: any other cause explains more. */
  readonly generic?: boolean;
}

export interface ProgressBar {
  /** The same for all states of one bar. */
  readonly name: string;
  readonly percent: number;
}
