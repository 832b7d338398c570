import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Reset } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { Clock } from '../clock.js';
import { resetReason } from '../log/log-resume.js';
import type { LogPosition, LogSignal, LogSlice, LogSubscription, NodeLogStore } from '../log/log-store.js';
import { SLICE_ENTRIES } from '../log/slice-size.js';
import { Backoff } from '../wait/backoff.js';
import { ArrivingLines, type AppendedLines } from './arriving-lines.js';
import type { DeliveryTurns } from './delivery-turns.js';
import type { FeedItem } from './feed-item.js';
import * as knownLog from './known-log.js';
import type { AbsentLog, KnownLog, PresentLog, UnreadLog } from './known-log.js';
import { HistoryReader } from './history-reader.js';
import type { LogHeadListener } from './log-head-listener.js';
import { gapItem, gapsForDamage, logItems, type LogFeedItem } from './log-item.js';
import { RecentLines } from './recent-lines.js';
import { CoalescedTask } from '../wait/coalesced-task.js';
import { isAway, nextLink, type LinkEvent, type StoreLink } from './store-link.js';

const RECENT_BOUNDS = { maxItems: 1_000, maxBytes: 1024 * 1024, batchItems: SLICE_ENTRIES };
const RETRIES = { firstMs: 250, maxMs: 2_000 };
/** While announcements do not arrive, the log is read this often. */
const DEAF_POLL_MS = 1_000;

interface LogHeadOptions {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  readonly nodeId: string;
  /** Shared with the other logs of this process. */
  readonly turns: DeliveryTurns;
  /** A log that is gone altogether was lost if its launch still runs; otherwise it has expired. */
  readonly launchRuns: () => boolean;
}

/**
 * The end of one log as this process sees it: every entry once and in order, holes filled from the store before anything
 * later, and a new epoch or a rewind announced as a restart. It subscribes first, then reads.
 *
 * Its state has two parts, each a machine: `known-log.ts` (what is known of the log) and `store-link.ts` (whether the store can
 * be reached).
 */
export class LogHead {
  readonly recent = new RecentLines(RECENT_BOUNDS);
  readonly history: HistoryReader;
  readonly #options: LogHeadOptions;
  readonly #listener: LogHeadListener;
  readonly #syncs = new CoalescedTask(() => this.#sync());
  readonly #backoff = new Backoff(RETRIES);
  readonly #arriving: ArrivingLines;
  #log: KnownLog = knownLog.UNREAD;
  #link: StoreLink = 'listening';
  #subscription: LogSubscription | undefined;
  #heardAt: number;
  #stopTimer = (): void => undefined;

  constructor(options: LogHeadOptions, listener: LogHeadListener) {
    this.#options = options;
    this.#listener = listener;
    this.history = new HistoryReader(options.store, options.nodeId);
    this.#arriving = new ArrivingLines(options.turns, (batch) => this.#onAppended(batch));
    this.#heardAt = options.clock.monotonic();
  }

  /** The unborn epoch while there is no log. */
  get epoch(): string {
    return this.#log.epoch;
  }

  /** Changes with every restart: a seq is only good within one generation. */
  get generation(): number {
    return this.#log.generation;
  }

  /** seq of the last entry that was announced. */
  get seq(): number {
    return this.#log.seq;
  }

  /** seq of the oldest entry that the store held when it was last asked. */
  get firstSeq(): number {
    return this.#log.firstSeq;
  }

  get closed(): boolean {
    return this.#log.kind === 'closed';
  }

  /** A client that resumes from here gets a reset if a log has vanished, even before the next one has begun. */
  get cursor(): string {
    return knownLog.cursorOf(this.#log);
  }

  /** The last entry of a closed log, where it is still held. */
  get terminal(): LogEntry | undefined {
    return this.#log.kind === 'closed' ? this.#log.terminal : undefined;
  }

  /** For a reader whose cursor is not in this log. */
  get reset(): Reset {
    return { reason: this.#log.reset, epoch: this.#log.epoch };
  }

  get isAway(): boolean {
    return isAway(this.#link);
  }

  /** Where the store must stand if nothing was missed. */
  get position(): LogPosition {
    return { nodeId: this.#options.nodeId, ...knownLog.endOf(this.#log) };
  }

  /** Monotonic time of the last sign of life. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** A question about many logs was answered: the store has nothing new of this one. */
  hear(): void {
    this.#heardAt = this.#options.clock.monotonic();
  }

  /** Asks the store. True when it answered; by then everything it knew at the moment of this call was announced. */
  sync(): Promise<boolean> {
    return this.#syncs.run();
  }

  async close(): Promise<void> {
    this.#onLink('closed');
    this.#stopTimer();
    await this.#subscription?.close().catch(() => undefined);
  }

  async #sync(): Promise<boolean> {
    const { store, nodeId } = this.#options;
    this.#stopTimer();
    try {
      await this.#subscribe();
      for (let complete = false; !complete;) {
        const slice = await store.read(nodeId, knownLog.rangeAfter(this.#log));
        if (this.#isClosed) return false;
        // First, because what was missed may include the end.
        this.#onLink('answered');
        complete = this.#absorb(slice);
      }
    } catch {
      if (!this.#isClosed) this.#onFailure();
      return false;
    }
    this.#onComplete();
    return true;
  }

  async #subscribe(): Promise<void> {
    if (this.#subscription !== undefined) return;
    const { store, nodeId } = this.#options;
    this.#subscription = await store.subscribe(nodeId, (signal) => this.#onSignal(signal));
    if (this.#isClosed) await this.#subscription.close();
  }

  #onSignal(signal: LogSignal): void {
    if (this.#isClosed) return;
    if (signal.kind === 'appended') return this.#arriving.add(signal);
    this.#arriving.deliver();
    switch (signal.kind) {
      case 'interrupted':
      case 'resumed':
        this.#onLink(signal.kind);
        break;
      case 'cleared':
    }
    void this.sync();
  }

  #onAppended({ epoch, firstSeq, lines }: AppendedLines): void {
    if (this.#isClosed) return;
    this.hear();
    if (this.isAway) this.#onLink('answered');
    const log = this.#log;
    if (log.epoch === epoch) {
      const follows = firstSeq === log.seq + 1 && log.kind === 'open' && !this.#syncs.running;
      if (follows) return this.#listener.advanced(this.#take(log, firstSeq, lines));
      if (firstSeq + lines.length - 1 <= log.seq) return;
    }
    void this.sync();
  }

  /** False when there is more to read. */
  #absorb(slice: LogSlice): boolean {
    const log = this.#log;
    const epoch = slice.epoch === undefined || slice.cleared ? UNBORN_EPOCH : slice.epoch;
    const isSame = epoch === log.epoch && slice.lastSeq >= log.seq;
    if (log.kind === 'unread') this.#begin(log, slice, epoch);
    else if (epoch === UNBORN_EPOCH) this.#vanish(log, slice);
    else if (log.kind !== 'absent' && isSame) this.#continue({ ...log, firstSeq: slice.firstSeq }, slice);
    else return this.#replace(log, slice, epoch);
    return epoch === UNBORN_EPOCH || this.#log.seq >= slice.lastSeq;
  }

  /** The first answer. */
  #begin(unread: UnreadLog, slice: LogSlice, epoch: string): void {
    const reset = this.#resetReason(slice, epoch);
    if (epoch === UNBORN_EPOCH) {
      this.#log = knownLog.beginAbsent(unread, reset);
      return;
    }
    const { firstSeq, linesFrom, lines } = slice;
    const log = knownLog.begin(unread, { epoch, firstSeq, reset }, linesFrom - 1);
    this.#log = log;
    this.#take(log, linesFrom, lines);
    this.#closeWith(slice);
  }

  #continue(log: PresentLog, slice: LogSlice): void {
    this.#log = log;
    const from = slice.lines.length > 0 ? slice.linesFrom : slice.lastSeq + 1;
    const items: FeedItem[] = [];
    let reached = log;
    if (from > log.seq + 1) {
      const reason = slice.expired ? 'expired' : 'trimmed';
      items.push(gapItem(log.epoch, { from_seq: log.seq + 1, to_seq: from - 1, reason }));
      reached = knownLog.skipTo(log, from - 1);
      this.recent.clear();
      this.#log = reached;
    }
    items.push(...this.#take(reached, from, slice.lines));
    this.#closeWith(slice);
    if (items.length > 0) this.#listener.advanced(gapsForDamage(items));
  }

  #vanish(log: AbsentLog | PresentLog, slice: LogSlice): void {
    if (log.kind === 'absent') return;
    this.#restart(knownLog.vanish(log, this.#resetReason(slice, log.epoch)));
  }

  #replace(log: AbsentLog | PresentLog, slice: LogSlice, epoch: string): false {
    const isFirst = log.kind === 'absent' && slice.began === 'new';
    const reset = isFirst ? log.reset : this.#resetReason(slice, log.epoch);
    this.#restart(knownLog.replace(log, { epoch, firstSeq: slice.firstSeq, reset }));
    return false;
  }

  #restart(next: KnownLog): void {
    this.#log = next;
    this.recent.clear();
    this.history.clear();
    this.#listener.restarted();
  }

  #resetReason(slice: LogSlice, formerEpoch: string): Reset['reason'] {
    return resetReason(slice, { epoch: formerEpoch, launchRuns: this.#options.launchRuns() });
  }

  #take(log: PresentLog, firstSeq: number, lines: readonly string[]): LogFeedItem[] {
    const before = log.kind === 'open' ? log.standing : undefined;
    const arrived = { epoch: log.epoch, firstSeq, lines, before };
    const items = logItems(arrived);
    if (items.length === 0) return items;
    this.#log = knownLog.take(log, items);
    this.recent.push(arrived, items);
    return items;
  }

  #closeWith({ closed, lastSeq }: LogSlice): void {
    const log = this.#log;
    if (closed && (log.kind === 'open' || log.kind === 'closed') && log.seq === lastSeq)
      this.#log = knownLog.close(log);
  }

  get #isClosed(): boolean {
    return this.#link === 'closed';
  }

  #onLink(event: LinkEvent): void {
    const wasAway = this.isAway;
    this.#link = nextLink(this.#link, event);
    if (this.#link === 'closed' || wasAway === this.isAway) return;
    if (wasAway) this.#listener.back();
    else this.#listener.away();
  }

  #onFailure(): void {
    this.#onLink('failed');
    this.#syncAfter(this.#backoff.nextMs());
  }

  /** Everything that the store knows has been announced. */
  #onComplete(): void {
    this.#backoff.reset();
    this.hear();
    if (this.#link === 'deaf') this.#syncAfter(DEAF_POLL_MS);
    this.#listener.synced();
  }

  #syncAfter(delayMs: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(delayMs, () => void this.sync());
  }
}
