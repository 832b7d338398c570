import type { LogDetails, LogLevel } from '@launchlog/shared/log-entry';
import type { FailureReason } from '@launchlog/shared/node';
import type { LaunchEvent } from '../launch-event.js';

/** The meaning of one line of output. */
export interface ParsedLine {
  readonly level: LogLevel;
  /** The line for people, without the prefixes whose meaning is in other fields. */
  readonly message: string;
  readonly details?: LogDetails | undefined;
  readonly event?: LaunchEvent | undefined;
  /** Why the launch fails, if it does: a line alone never ends a launch. */
  readonly cause?: FailureCause | undefined;
  /** This line is the best explanation of a failure so far. */
  readonly explains?: boolean | undefined;
  /** The state of a progress bar, if the line shows one. */
  readonly bar?: ProgressBar | undefined;
}

export interface StatedFailure {
  readonly reason: FailureReason;
  /** One sentence for people. */
  readonly message: string;
  /** What a person would try. */
  readonly hint?: string | undefined;
}

export interface FailureCause extends StatedFailure {
  /** The line does not name the root cause: any other cause explains more. */
  readonly generic?: boolean;
}

export interface ProgressBar {
  /** The same in all states of one bar. */
  readonly name: string;
  readonly percent: number;
}
