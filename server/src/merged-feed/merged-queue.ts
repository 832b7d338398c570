import type { Clock } from '../clock.js';
import type { FeedItem } from '../feed/feed-item.js';
import { EarliestFirst } from './earliest-first.js';
import type { MergedSource } from './merged-source.js';

/** The longest that the stream waits for a log that still reads history, to keep items in order of time. */
const ORDER_WAIT_MS = 1_000;

export interface TakenItem {
  readonly source: MergedSource;
  readonly item: FeedItem;
}

/**
 * Takes the earliest item of several logs, and keeps each log's own order. While one log still reads history, the others wait
 * for it, but not for long: order between logs is best effort, progress is guaranteed.
 *
 * Taking an item costs the logarithm of the number of logs: `changed` must be called when a log has something new.
 */
export class MergedQueue {
  readonly #clock: Clock;
  readonly #sources = new Map<string, MergedSource>();
  readonly #waiting = new EarliestFirst<MergedSource>();
  readonly #placed = new Set<MergedSource>();
  /** Logs without an item that were behind when they were last looked at. */
  readonly #behind = new Set<MergedSource>();
  /** Logs whose reader has ended. */
  readonly #ending = new Set<MergedSource>();
  #waitingSinceMs: number | undefined;
  #holdsBack = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#sources.size;
  }

  /** Whether an item is held back for a log that is behind: ask again in a moment. */
  get isWaiting(): boolean {
    return this.#holdsBack;
  }

  /** Whether every log has ended and all items were taken. */
  get isLive(): boolean {
    return this.#waiting.size === 0 && !this.#someBehind();
  }

  add(source: MergedSource): void {
    this.#sources.set(source.nodeId, source);
  }

  /** Logs whose reader has ended and whose items were all taken, once each. */
  takeEnded(): readonly MergedSource[] {
    const ended = [...this.#ending].filter((source) => source.ended !== undefined);
    for (const source of ended) this.#ending.delete(source);
    return ended;
  }

  remove(source: MergedSource): void {
    this.#sources.delete(source.nodeId);
    this.#behind.delete(source);
    this.#ending.delete(source);
  }

  /** Call it when the log has a new item, has ended, or has changed its state. */
  changed(source: MergedSource): void {
    if (this.#sources.get(source.nodeId) !== source) return;
    if (source.hasEnded) this.#ending.add(source);
    this.#place(source);
  }

  take(): TakenItem | undefined {
    const behind = this.#someBehind();
    if (!behind) this.#waitingSinceMs = undefined;
    const next = this.#waiting.first;
    this.#holdsBack = next !== undefined && behind && this.#mayWait();
    if (next === undefined || this.#holdsBack) return undefined;
    this.#waiting.take();
    this.#placed.delete(next);
    const item = next.take();
    this.#place(next);
    return item === undefined ? this.take() : { source: next, item };
  }

  close(): void {
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
    this.#behind.clear();
    this.#ending.clear();
  }

  #place(source: MergedSource): void {
    const { nextMs } = source;
    if (nextMs === undefined && source.isBehind) this.#behind.add(source);
    else this.#behind.delete(source);
    if (nextMs === undefined || this.#placed.has(source)) return;
    this.#placed.add(source);
    this.#waiting.add(source, nextMs);
  }

  /** A log may have caught up without a notice, so logs that were behind are asked again. */
  #someBehind(): boolean {
    for (const source of this.#behind) {
      if (source.isBehind) return true;
      this.#behind.delete(source);
    }
    return false;
  }

  #mayWait(): boolean {
    const nowMs = this.#clock.monotonic();
    this.#waitingSinceMs ??= nowMs;
    return nowMs - this.#waitingSinceMs < ORDER_WAIT_MS;
  }
}
