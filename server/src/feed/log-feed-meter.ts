import type { Gap, Reset } from '@launchlog/shared/event';
import type { FeedEnd } from './feed-item.js';

/**
 * The events of the feed that are measured. What goes to readers in one turn is reported once, because this is
 * the hot path. Nothing here may throw or wait.
 */
export interface LogFeedMeter {
  /**
   * Batches of one turn of the event loop went to readers at the head. `entries` counts each entry once per reader; `lagMs` is
   * the longest of their delays, and that of a batch is the age of its newest entry.
   */
  delivered(entries: number, lagMs: number): void;
  /** One reader, which is being brought up to date, was given this many entries. */
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

/** Readers by state. */
export interface ReaderCounts {
  /** At the head of the log. */
  readonly live: number;
  /** Being brought up to date, or waiting for the store. */
  readonly behind: number;
  /** Their sinks have no room. */
  readonly full: number;
}
