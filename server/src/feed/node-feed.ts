import { formatCursor } from '@launchlog/shared/cursor';
import type { Done, StatusEvent } from '@launchlog/shared/event';
import type { Clock } from '../clock.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { DeliveryTurns } from './delivery-turns.js';
import { refusalText, type StoreRefusal } from '../log/store-refusal.js';
import type { FeedBatch, FeedEnd, FeedItem } from './feed-item.js';
import { doneOf, hasEnded } from './launch-outcome.js';
import { LiveReaders } from './live-readers.js';
import type { LogFeedMeter, ReaderCounts } from './log-feed-meter.js';
import { LogHead } from './log-head.js';
import type { LogHeadListener } from './log-head-listener.js';
import { LogReader, type ReaderRequest } from './log-reader.js';
import type { ReaderHost, StoreNotice } from './reader-host.js';
import { ReaderLifetime, type ReaderAge } from './reader-lifetime.js';
import type { TurnDeliveries } from './turn-deliveries.js';

/** After this time without an announcement the store is asked: pub/sub may have lost the terminal entry. */
const IDLE_CHECK_MS = 5_000;
/** How long the subscription is kept without readers, for those that reconnect soon. */
const LINGER_MS = 10_000;

/** The state of a node as the registry knows it. */
export interface NodeSnapshot {
  readonly status: StatusEvent;
  readonly done: Done;
}

interface NodeFeedOptions extends ReaderAge {
  readonly store: NodeLogStore;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly nodeSnapshot: (nodeId: string) => Promise<NodeSnapshot | undefined>;
  readonly meter: LogFeedMeter;
  readonly deliveries: TurnDeliveries;
  readonly turns: DeliveryTurns;
  /** Why the store takes no entries although it answers. */
  readonly storeRefusal: () => StoreRefusal | undefined;
}

/**
 * The node as its readers see it.
 *
 *   open ──the registry knows the end of the launch, and the log has lost it──▶ ended
 *   ended ──an entry or another log follows after all──▶ open
 *   open, ended ──close──▶ closed
 *
 * A terminal entry needs no state of its own: the head knows it. A reader is at the head (live), parked until the store
 * answers, or on its way by itself; `reader-state.ts` shows its states.
 */
type NodeState = 'open' | 'ended' | 'closed';

/** All readers of one node in this process, and the one subscription that serves them. */
export class NodeFeed implements ReaderHost<LogReader>, LogHeadListener {
  readonly head: LogHead;
  readonly #options: NodeFeedOptions;
  readonly #readers = new Set<LogReader>();
  readonly #live = new LiveReaders();
  readonly #parked = new Set<LogReader>();
  #snapshot: NodeSnapshot | undefined;
  #asking: Promise<'known' | 'unknown' | 'gone'> | undefined;
  #state: NodeState = 'open';
  #finalDone: FeedBatch | undefined;
  #checking = false;
  #emptySince: number;

  constructor(options: NodeFeedOptions) {
    this.#options = options;
    this.#emptySince = options.clock.monotonic();
    const launchRuns = () => (this.#snapshot?.done.status ?? 'launching') === 'launching';
    this.head = new LogHead({ ...options, launchRuns }, this);
  }

  get readers(): number {
    return this.#readers.size;
  }

  get readerCounts(): ReaderCounts {
    let full = 0;
    for (const reader of this.#readers) if (reader.isFull) full += 1;
    const live = this.#live.size;
    return { live, behind: this.#readers.size - live - full, full };
  }

  get meter(): LogFeedMeter {
    return this.#options.meter;
  }

  /** The terminal entry was announced; or the node has ended and the log has lost its end. */
  get ended(): boolean {
    return this.head.closed || this.#state === 'ended';
  }

  attach(request: ReaderRequest): LogReader {
    const reader = new LogReader(this, request, new ReaderLifetime(this.now(), this.#options));
    this.#readers.add(reader);
    reader.advance();
    return reader;
  }

  /** Called about once a second. False when the feed is not needed any more. */
  sweep(nowMs: number, refusal: StoreRefusal | undefined): boolean {
    for (const reader of this.#readers) {
      const reason = reader.exceeded(nowMs);
      if (reason === undefined) reader.showRefusal(refusal);
      else reader.end(reason);
    }
    if (this.#readers.size === 0) {
      this.head.history.clear();
      return nowMs - this.#emptySince < LINGER_MS;
    }
    if (this.#parked.size > 0 && !this.head.isAway) void this.head.sync();
    return true;
  }

  /** Whether it has readers and the log has been silent for some seconds. */
  isSilent(nowMs: number): boolean {
    if (this.#readers.size === 0 || this.#parked.size > 0 || this.head.isAway) return false;
    return nowMs - this.head.heardAt >= IDLE_CHECK_MS;
  }

  get nodeId(): string {
    return this.#options.nodeId;
  }

  /** Asks registry and store for what may have been missed. */
  async check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    try {
      await this.prepare();
      if (this.#isClosed || !this.ended) return;
      for (const reader of this.#live.pushLast([], this.finalDone())) reader.end('done');
    } finally {
      this.#checking = false;
    }
  }

  endAll(reason: FeedEnd): void {
    for (const reader of this.#readers) reader.end(reason);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.endAll('draining');
    await this.head.close();
  }

  // Calls of the head

  advanced(batch: FeedBatch): void {
    this.#reopen();
    if (!this.head.closed) {
      this.#measure(batch, this.#live.push(batch));
      return releaseEntries(batch);
    }
    const done = this.finalDone();
    const reached = this.#live.pushLast(batch, done);
    this.#measure(batch, batch.length * reached.length);
    for (const reader of reached) reader.end('done');
  }

  restarted(): void {
    this.#reopen();
    for (const reader of this.#live.all()) reader.restart();
  }

  synced(): void {
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const reader of parked) reader.advance();
  }

  away(): void {
    for (const reader of this.#readers) reader.notify('log_store_unavailable');
  }

  back(): void {
    for (const reader of this.#readers) reader.notify('log_store_back');
  }

  // Calls of the readers

  /** Asks the registry first: once it knows the end of the launch, a log that is read later is closed or has lost its end. */
  async prepare(): Promise<'ready' | 'away' | 'gone'> {
    const node = await this.#ask();
    if (node === 'gone') return 'gone';
    if (!(await this.head.sync())) return 'away';
    if (
      node === 'known' &&
      this.#snapshot !== undefined &&
      hasEnded(this.#snapshot.done) &&
      !this.head.closed
    ) {
      this.#move('ended');
    }
    return 'ready';
  }

  statusItem(cursor: string, past?: StatusEvent): FeedItem | undefined {
    const status = past ?? this.#snapshot?.status;
    return status && { kind: 'status', cursor, status };
  }

  finalDone(): FeedBatch {
    this.#finalDone ??= [this.#done(this.#outcome(), this.head.seq, true)];
    return this.#finalDone;
  }

  presentDone(seq: number): FeedItem {
    const { status, ...rest } = this.#snapshot?.done ?? this.#outcome();
    const message = 'Log stream complete (follow=false)';
    return this.#done({ ...rest, status, message }, seq, this.ended && seq === this.head.seq);
  }

  notice(code: StoreNotice): FeedBatch {
    const refusal = code === 'log_store_refuses_entries' ? this.#options.storeRefusal() : undefined;
    const message = refusal === undefined ? NOTICES[code] : refusalText(refusal);
    return [{ kind: 'notice', cursor: this.head.cursor, notice: { code, message } }];
  }

  goLive(reader: LogReader): void {
    this.#live.add(reader);
  }

  leaveLive(reader: LogReader): void {
    this.#live.delete(reader);
  }

  park(reader: LogReader): void {
    this.#parked.add(reader);
  }

  remove(reader: LogReader): void {
    this.#readers.delete(reader);
    this.#parked.delete(reader);
    if (this.#readers.size === 0) this.#emptySince = this.now();
  }

  now(): number {
    return this.#options.clock.monotonic();
  }

  /** Callers that ask at the same time share one question to the registry. */
  #ask(): Promise<'known' | 'unknown' | 'gone'> {
    this.#asking ??= this.#askRegistry().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #askRegistry(): Promise<'known' | 'unknown' | 'gone'> {
    const { nodeSnapshot, nodeId } = this.#options;
    try {
      const snapshot = await nodeSnapshot(nodeId);
      this.#snapshot = snapshot ?? this.#snapshot;
      return snapshot === undefined ? 'gone' : 'known';
    } catch {
      return 'unknown'; // a stream needs the log, not the registry
    }
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #move(state: 'open' | 'ended'): void {
    if (!this.#isClosed) this.#state = state;
  }

  #measure(batch: FeedBatch, delivered: number): void {
    const newest = batch.at(-1);
    if (delivered === 0 || newest?.kind !== 'log') return;
    this.#options.deliveries.add(delivered, newest.record.heading.timestamp);
  }

  #reopen(): void {
    this.#move('open');
    this.#finalDone = undefined;
  }

  #outcome(): Done {
    const entry = this.head.terminal;
    if (entry !== undefined) return doneOf(entry, this.#snapshot?.done);
    return this.#snapshot?.done ?? { status: 'launching', message: 'the launch continues' };
  }

  #done(done: Done, seq: number, final: boolean): FeedItem {
    return { kind: 'done', cursor: formatCursor({ epoch: this.head.epoch, seq, done: final }), done, final };
  }
}

/** It was delivered: who is behind has it parsed again. */
function releaseEntries(batch: FeedBatch): void {
  for (const item of batch) if (item.kind === 'log') item.record.release();
}

const NOTICES: Readonly<Record<StoreNotice, string>> = {
  log_store_unavailable: 'the log store cannot be reached; the log continues when it is back',
  log_store_refuses_entries: 'the log store takes no entries; they follow when it does',
  log_store_back: 'the log store is back',
};
