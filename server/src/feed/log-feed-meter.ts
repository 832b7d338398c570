import type { Gap, Reset } from '@launchlog/shared/event';
import type { FeedEnd } from './feed-item.js';

/**
 * What the feed tells of its own work, for whoever measures it. A live batch is told once, whatever the number of its
 * readers: this stands in the hot path. Nothing here may throw or wait.
 */
export interface LogFeedMeter {
  /** A batch went to readers at the head: so many entries to so many readers, and how old the newest one was then. */
  delivered(entries: number, lagMs: number): void;
  /** One reader was given so many entries to come up with the log. */
  caughtUp(entries: number): void;
  /** A reader had no room and left the head. */
  fellBehind(): void;
  gap(reason: Gap['reason']): void;
  reset(reason: Reset['reason']): void;
  ended(reason: FeedEnd): void;
}

/** Measures nothing. */
export const NO_LOG_FEED_METER: LogFeedMeter = {
  delivered: () => undefined,
  caughtUp: () => undefined,
  fellBehind: () => undefined,
  gap: () => undefined,
  reset: () => undefined,
  ended: () => undefined,
};

/** Readers by what they do now. */
export interface ReaderCounts {
  /** At the head of the log. */
  readonly live: number;
  /** Being brought up to date, or waiting for the store. */
  readonly behind: number;
  /** Without room. */
  readonly full: number;
}
