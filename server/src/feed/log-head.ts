import { formatCursor, UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Reset } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { isTerminalPhase } from '@launchlog/shared/phase';
import type { Clock } from '../clock.js';
import type { LogSignal, LogSlice, LogSubscription, NodeLogStore } from '../log/log-store.js';
import type { FeedBatch, FeedItem } from './feed-item.js';
import { BLOCK_ENTRIES, HistoryReader } from './history-reader.js';
import { gapItem, logItems, standingOf, type LogItem, type Standing } from './log-item.js';
import { RecentItems } from './recent-items.js';
import { SharedPass } from './shared-pass.js';

/** Read at the start, so that the usual reader (the last 100) needs no read of its own. */
const PREFILL = [{ tail: 200 }, 200] as const;
const RECENT_BOUNDS = { maxItems: 1_000, maxBytes: 1024 * 1024, batchItems: BLOCK_ENTRIES };
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 2_000;
/** While announcements do not arrive, the log is read this often. */
const DEAF_POLL_MS = 1_000;

/** What the head tells. None of these may throw. */
export interface LogHeadListener {
  /** What follows right after the former head. */
  advanced(batch: FeedBatch): void;
  /** The log is another one now, or has begun; its entries follow by `advanced`. */
  restarted(): void;
  /** The store was asked and has answered; nothing it knows is missing. */
  synced(): void;
  /** The store does not answer. */
  away(): void;
  back(): void;
}

export interface LogHeadOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  readonly nodeId: string;
  /** A log that is gone altogether was lost if its launch still runs, else it has expired. */
  readonly launchRuns: () => boolean;
}

/**
 * The end of one log as this process sees it: in order, each entry once, holes filled from the store before anything
 * later, a change of epoch or a rewind told as a restart. It subscribes first, then reads.
 */
export class LogHead {
  readonly recent = new RecentItems(RECENT_BOUNDS);
  readonly history: HistoryReader;
  readonly #options: LogHeadOptions;
  readonly #listener: LogHeadListener;
  readonly #passes = new SharedPass(() => this.#sync());
  #epoch = UNBORN_EPOCH;
  #generation = 0;
  #seq = 0;
  #firstSeq = 1;
  #terminal: LogEntry | undefined;
  #closed = false;
  #standing: Standing | undefined;
  #reset: Reset['reason'] = 'lost';
  /** Where the log that went had come, until another begins. */
  #gone: string | undefined;
  #subscription: LogSubscription | undefined;
  #ready = false;
  #away = false;
  #deaf = false;
  #ended = false;
  #retryMs = RETRY_FIRST_MS;
  #heardAt: number;
  #stopTimer: (() => void) | undefined;

  constructor(options: LogHeadOptions, listener: LogHeadListener) {
    this.#options = options;
    this.#listener = listener;
    this.history = new HistoryReader(options.store, options.nodeId);
    this.#heardAt = options.clock.monotonic();
  }

  /** The unborn epoch while there is no log. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Changes with every restart: a place in the log is only good within one. */
  get generation(): number {
    return this.#generation;
  }

  /** seq of the last entry that was told. */
  get seq(): number {
    return this.#seq;
  }

  /** seq of the oldest entry the store held when it was asked last. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** A resume from here is told of a log that has gone, also when the one after it has not begun. */
  get cursor(): string {
    return this.#gone ?? formatCursor({ epoch: this.#epoch, seq: this.#seq, done: false });
  }

  /** The last entry of a closed log, where it is still held. */
  get terminal(): LogEntry | undefined {
    return this.#terminal;
  }

  /** What a reader is told whose log this is not (any more). */
  get reset(): Reset {
    return { reason: this.#reset, epoch: this.#epoch };
  }

  get isAway(): boolean {
    return this.#away;
  }

  /** Monotonic time of the last sign of life. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Asks the store. True when it answered, and then all it knew at the moment of this call has been told. */
  sync(): Promise<boolean> {
    return this.#passes.run();
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#stopTimer?.();
    await this.#subscription?.close().catch(() => undefined);
  }

  async #sync(): Promise<boolean> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    try {
      await this.#subscribe();
      for (let complete = false; !complete;) {
        const slice = await this.#read();
        if (this.#ended) return false;
        this.#onBack();
        complete = this.#absorb(slice);
      }
    } catch {
      if (!this.#ended) this.#onAway();
      return false;
    }
    this.#onAnswer();
    return true;
  }

  async #subscribe(): Promise<void> {
    if (this.#subscription !== undefined) return;
    const { store, nodeId } = this.#options;
    this.#subscription = await store.subscribe(nodeId, (signal) => this.#onSignal(signal));
    if (this.#ended) await this.#subscription.close();
  }

  #read(): Promise<LogSlice> {
    const { store, nodeId } = this.#options;
    const [from, limit] = this.#ready ? [{ afterSeq: this.#seq }, BLOCK_ENTRIES] : PREFILL;
    return store.read(nodeId, { from, limit });
  }

  #onSignal(signal: LogSignal): void {
    if (this.#ended) return;
    switch (signal.kind) {
      case 'appended':
        return this.#onAppended(signal);
      case 'interrupted':
      case 'resumed':
        this.#deaf = signal.kind === 'interrupted';
        break;
      case 'cleared':
    }
    void this.sync();
  }

  #onAppended({ epoch, firstSeq, lines }: Extract<LogSignal, { kind: 'appended' }>): void {
    this.#heardAt = this.#options.clock.monotonic();
    this.#onBack();
    const follows = epoch === this.#epoch && firstSeq === this.#seq + 1;
    if (follows && !this.#passes.running && !this.#closed) {
      return this.#listener.advanced(this.#take(firstSeq, lines));
    }
    const known = epoch === this.#epoch && firstSeq + lines.length - 1 <= this.#seq;
    if (!known) void this.sync();
  }

  /** False when there is more to read. */
  #absorb(slice: LogSlice): boolean {
    const epoch = slice.epoch === undefined || slice.cleared ? UNBORN_EPOCH : slice.epoch;
    this.#firstSeq = epoch === UNBORN_EPOCH ? 1 : slice.firstSeq;
    if (!this.#ready) return this.#begin(epoch, slice);
    if (epoch !== this.#epoch || (epoch !== UNBORN_EPOCH && slice.lastSeq < this.#seq)) {
      this.#restart(epoch, slice);
      return epoch === UNBORN_EPOCH;
    }
    if (epoch === UNBORN_EPOCH) return true;
    const from = slice.lines.length > 0 ? slice.linesFrom : slice.lastSeq + 1;
    const items: FeedItem[] = [];
    if (from > this.#seq + 1) items.push(this.#skip(from - 1, slice.expired));
    items.push(...this.#take(from, slice.lines));
    if (slice.closed && this.#seq === slice.lastSeq) this.#closed = true;
    if (items.length > 0) this.#listener.advanced(items);
    return this.#seq >= slice.lastSeq;
  }

  /** The first answer: what came before is history, which readers ask for as they need it. */
  #begin(epoch: string, slice: LogSlice): boolean {
    this.#epoch = epoch;
    this.#reset = this.#resetReason(slice);
    this.#ready = true;
    if (epoch === UNBORN_EPOCH) return true;
    this.#seq = slice.linesFrom - 1;
    this.#take(slice.linesFrom, slice.lines);
    this.#closed = slice.closed && this.#seq === slice.lastSeq;
    return this.#seq >= slice.lastSeq;
  }

  #restart(epoch: string, slice: LogSlice): void {
    const unknownBefore = this.#epoch === UNBORN_EPOCH;
    if (!unknownBefore || slice.began !== 'new') this.#reset = this.#resetReason(slice);
    this.#gone = epoch === UNBORN_EPOCH ? this.cursor : undefined;
    this.#epoch = epoch;
    this.#closed = false;
    this.#terminal = undefined;
    this.#standing = undefined;
    this.recent.clear();
    this.history.clear();
    // Who waits for a log that has not begun is at its beginning already.
    this.#seq = unknownBefore ? 0 : this.#firstSeq - 1;
    this.#generation += 1;
    this.#listener.restarted();
  }

  #resetReason(slice: LogSlice): Reset['reason'] {
    if (slice.epoch === undefined) return this.#options.launchRuns() ? 'lost' : 'expired';
    if (slice.cleared || (slice.began === 'cleared' && slice.epoch !== this.#epoch)) return 'cleared';
    return 'lost';
  }

  #skip(toSeq: number, expired: boolean): FeedItem {
    const gap = { from_seq: this.#seq + 1, to_seq: toSeq, reason: expired ? 'expired' : 'trimmed' } as const;
    this.recent.clear();
    this.#standing = undefined;
    this.#seq = toSeq;
    return gapItem(this.#epoch, gap);
  }

  #take(firstSeq: number, lines: readonly string[]): LogItem[] {
    const items = logItems({ epoch: this.#epoch, firstSeq, lines, before: this.#standing });
    const last = items.at(-1)?.record.entry;
    if (last === undefined) return items;
    this.#seq += items.length;
    for (const { record } of items) this.#standing = standingOf(record.entry, this.#standing);
    this.recent.push(items);
    if (isTerminalPhase(last.phase)) {
      this.#closed = true;
      this.#terminal = last;
    }
    return items;
  }

  #onAway(): void {
    if (!this.#away) {
      this.#away = true;
      this.#listener.away();
    }
    this.#again(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  #onAnswer(): void {
    this.#retryMs = RETRY_FIRST_MS;
    this.#heardAt = this.#options.clock.monotonic();
    if (this.#deaf) this.#again(DEAF_POLL_MS);
    this.#listener.synced();
  }

  /** Told before what was missed, which may be the end. */
  #onBack(): void {
    if (!this.#away) return;
    this.#away = false;
    this.#listener.back();
  }

  #again(delayMs: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#options.clock.after(delayMs, () => void this.sync());
  }
}
