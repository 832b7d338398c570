import type { Clock } from '../clock.js';
import type { FeedItem } from '../feed/feed-item.js';
import type { MergedSource } from './merged-source.js';

/** The longest that the stream waits for a log that is on its way through history, to keep the order of time. */
const ORDER_WAIT_MS = 1_000;

export interface TakenItem {
  readonly source: MergedSource;
  readonly item: FeedItem;
}

/**
 * Takes the earliest item of several logs, and keeps each log's own order. While one log is still on its way through
 * history, the others wait for it, but not for long: order between logs is a service, progress is a promise.
 */
export class MergedQueue {
  readonly sources = new Map<string, MergedSource>();
  readonly #clock: Clock;
  #waitingSinceMs: number | undefined;
  #holdsBack = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An item is held back for a log that is behind: ask again in a moment. */
  get isWaiting(): boolean {
    return this.#holdsBack;
  }

  take(): TakenItem | undefined {
    let next: MergedSource | undefined;
    let behind = false;
    for (const source of this.sources.values()) {
      const { nextMs } = source;
      if (nextMs === undefined) behind ||= source.isBehind;
      else if (nextMs < (next?.nextMs ?? Infinity)) next = source;
    }
    if (!behind) this.#waitingSinceMs = undefined;
    this.#holdsBack = next !== undefined && behind && this.#mayWait();
    if (next === undefined || this.#holdsBack) return undefined;
    const item = next.take();
    return item && { source: next, item };
  }

  #mayWait(): boolean {
    const nowMs = this.#clock.monotonic();
    this.#waitingSinceMs ??= nowMs;
    return nowMs - this.#waitingSinceMs < ORDER_WAIT_MS;
  }
}
