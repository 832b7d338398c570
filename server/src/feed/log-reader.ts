import { formatCursor, UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Gap, Reset } from '@launchlog/shared/event';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { EntryFilter } from './entry-filter.js';
import type { FeedBatch, FeedEnd, FeedItem, FeedReader, FeedSink } from './feed-item.js';
import type { HistorySlice } from './history-reader.js';
import type { LogFeedMeter } from './log-feed-meter.js';
import type { LogHead } from './log-head.js';
import { gapItem, type LogItem } from './log-item.js';
import { findPlace } from './reader-start.js';
import { StallClock } from './stall-clock.js';

/** What a reader needs of the node it reads. */
export interface ReaderHost {
  readonly head: LogHead;
  readonly meter: LogFeedMeter;
  /** The log is closed: nothing can follow. */
  readonly ended: boolean;
  /** Asks registry and store. `gone`: there is no such node. */
  prepare(): Promise<'ready' | 'away' | 'gone'>;
  /** The first item of every connect; undefined where the registry does not answer. */
  statusItem(cursor: string): FeedItem | undefined;
  /** The last batch of a log that has ended, the same for all. */
  finalDone(): FeedBatch;
  /** The last item of a stream that does not follow. */
  presentDone(seq: number): FeedItem;
  notice(code: StoreNotice): FeedBatch;
  /** From now on the reader gets what the head tells. */
  goLive(reader: LogReader): void;
  leaveLive(reader: LogReader): void;
  /** `advance` will be called when the store has answered again. */
  park(reader: LogReader): void;
  remove(reader: LogReader): void;
  now(): number;
}

export type StoreNotice = 'log_store_unavailable' | 'log_store_back';

type ReaderState = 'starting' | 'behind' | 'live' | 'full' | 'ended';

/**
 * One reader's place in a log, and nothing else: there is no queue. While its sink has room and it is at the head it is
 * live; else it is brought up to date, a bounded batch at a time, from what all readers share.
 */
export class LogReader implements FeedReader {
  readonly filter: EntryFilter | undefined;
  /** Monotonic time of the attachment. */
  readonly bornAt: number;
  readonly #host: ReaderHost;
  readonly #query: LogStreamQuery;
  readonly #sink: FeedSink;
  readonly #stall = new StallClock();
  #state: ReaderState = 'starting';
  /** Registry and store were asked. */
  #prepared = false;
  /** Where it began is known. */
  #placed = false;
  #generation = 0;
  /** Which log it is in; the unborn epoch while there is none. */
  #epoch = UNBORN_EPOCH;
  /** It was told that its log is gone, and is owed the epoch of the next one. */
  #owedEpoch = false;
  /** The last entry delivered; of a live reader only true when it stops being live. */
  #seq = 0;
  /** Where a stream ends that does not follow. */
  #untilSeq = Infinity;
  #advancing = false;
  #greeted = false;
  #toldAway = false;

  constructor(
    host: ReaderHost,
    request: { query: LogStreamQuery; sink: FeedSink; filter: EntryFilter | undefined },
  ) {
    this.#host = host;
    this.#query = request.query;
    this.#sink = request.sink;
    this.filter = request.filter;
    this.bornAt = host.now();
  }

  get isFull(): boolean {
    return this.#state === 'full';
  }

  /** So long the sink has been full and its client has taken nothing. Asked every second or so. */
  stalledMs(now: number): number {
    return this.#state === 'full' ? this.#stall.stalledMs(now, this.#sink) : 0;
  }

  get isLive(): boolean {
    return this.#state === 'live' || this.#state === 'ended';
  }

  resume(afterSeq = Infinity): void {
    if (this.#state !== 'full') return;
    this.#seq = Math.min(this.#seq, afterSeq);
    this.#state = this.#placed ? 'behind' : 'starting';
    this.advance();
  }

  close(): void {
    if (this.#state === 'ended') return;
    this.#host.leaveLive(this);
    this.#state = 'ended';
    this.#host.remove(this);
  }

  end(reason: FeedEnd): void {
    if (this.#state === 'ended') return;
    this.close();
    this.#host.meter.ended(reason);
    try {
      this.#sink.end(reason);
    } catch {
      // The sink is gone, which is what it was told.
    }
  }

  /** Hands over a batch. A sink that is full now, or fails, gets nothing more. */
  offer(batch: FeedBatch): void {
    let hasRoom: boolean;
    try {
      hasRoom = this.#sink.push(batch);
    } catch {
      return this.end('failed');
    }
    if (!hasRoom && this.#state !== 'ended') this.#becomeFull();
  }

  /** The store is away, or back. A reader without room is not told: it does not wait for the store. */
  tell(code: StoreNotice): void {
    const away = code === 'log_store_unavailable';
    if (this.#state === 'full' || this.#state === 'ended' || this.#toldAway === away) return;
    if (this.#state === 'starting' && !this.#prepared) return; // it asks itself, and has no status to begin with yet
    this.#toldAway = away;
    const status = this.#greeted ? undefined : this.#greeting(this.#query.cursor ?? this.#cursor());
    const notice = this.#host.notice(code);
    this.offer(status === undefined ? notice : [status, ...notice]);
  }

  /** The log has become another one, or has begun. */
  restart(): void {
    if (this.#state !== 'live') return;
    this.#host.leaveLive(this);
    this.#state = 'behind';
    this.advance();
  }

  /** Brings the reader up to date as far as its sink and the store allow. */
  advance(): void {
    if (!this.#advancing) void this.#advance().catch(() => this.end('failed'));
  }

  async #advance(): Promise<void> {
    this.#advancing = true;
    try {
      if (this.#state === 'starting') await this.#start();
      while (this.#state === 'behind' && (this.#step() || (await this.#readHistory())));
    } finally {
      // In the same moment in which the loop ends: a resume right after it must find the door open.
      this.#advancing = false;
    }
  }

  async #start(): Promise<void> {
    const readiness = await this.#host.prepare();
    if (this.#state !== 'starting') return;
    this.#prepared = true;
    if (readiness === 'gone') return this.end('failed');
    if (readiness === 'away') {
      this.#host.park(this);
      return this.tell('log_store_unavailable');
    }
    const { head, ended } = this.#host;
    const options = { filter: this.filter, ended };
    const place = await findPlace(head, this.#query, options).catch(() => undefined);
    if (this.#state !== 'starting') return;
    if (place === undefined) return this.#host.park(this);
    this.#enter(head);
    this.#placed = true;
    this.#state = 'behind';
    if (place.kind === 'finished') return this.#finish(this.#host.finalDone());
    this.#seq = place.seq;
    if (!this.#query.follow) this.#untilSeq = head.seq;
    this.#welcome(place.reset);
  }

  #welcome(reset: Reset | undefined): void {
    const status = this.#greeted ? undefined : this.#greeting(this.#query.cursor ?? this.#cursor());
    const items = status === undefined ? [] : [status];
    if (reset !== undefined) items.push(this.#resetItem(reset, this.#query.cursor));
    if (items.length > 0) this.offer(items);
  }

  #greeting(cursor: string): FeedItem | undefined {
    this.#greeted = true;
    return this.#host.statusItem(cursor);
  }

  /** One thing that can be done at once; false when nothing can be. */
  #step(): boolean {
    const { head } = this.#host;
    if (this.#generation !== head.generation) return this.#beginAgain();
    if (this.#seq >= Math.min(this.#untilSeq, head.seq)) {
      if (!this.#query.follow) this.#finish([this.#host.presentDone(this.#seq)]);
      else if (this.#host.ended) this.#finish(this.#host.finalDone());
      else {
        this.#state = 'live';
        this.#host.goLive(this);
      }
      return true;
    }
    const recent = head.recent.after(this.#seq);
    if (recent !== undefined) this.#deliver(recent, 'trimmed');
    return recent !== undefined;
  }

  #beginAgain(): boolean {
    const { head } = this.#host;
    // A log that begins begins with 1: who waited for it has missed nothing of it.
    const waited = this.#epoch === UNBORN_EPOCH;
    this.#enter(head);
    this.#seq = waited ? 0 : head.firstSeq - 1;
    if (!this.#query.follow) this.#untilSeq = head.seq;
    if (!waited || this.#owedEpoch) this.offer([this.#resetItem(head.reset, head.cursor)]);
    return true;
  }

  #enter({ generation, epoch }: LogHead): void {
    this.#generation = generation;
    this.#epoch = epoch;
  }

  /** While the new log has no epoch, a resume must be told again: `place` is one in the log that went. */
  #resetItem(reset: Reset, place = this.#cursor()): FeedItem {
    this.#owedEpoch = reset.epoch === UNBORN_EPOCH;
    this.#host.meter.reset(reset.reason);
    return { kind: 'reset', cursor: this.#owedEpoch ? place : this.#cursor(), reset };
  }

  async #readHistory(): Promise<boolean> {
    const { head } = this.#host;
    const slice = await head.history.after(this.#seq).catch(() => undefined);
    if (this.#state !== 'behind') return false;
    // What was read may be of a log that is no more.
    if (this.#generation !== head.generation) return true;
    if (slice !== undefined && slice.epoch === head.epoch && this.#takeHistory(slice)) return true;
    this.#host.park(this);
    return false;
  }

  #takeHistory({ items, firstSeq, expired }: HistorySlice): boolean {
    const oldest = items[0]?.record.seq ?? firstSeq;
    const newer = oldest <= this.#seq ? items.slice(this.#seq + 1 - oldest) : items;
    if (newer.length === 0 && firstSeq <= this.#seq + 1) return false;
    this.#deliver(newer, expired ? 'expired' : 'trimmed', firstSeq);
    return true;
  }

  /** Up to the head and no further: what the head has not told yet will come by it. */
  #deliver(items: readonly LogItem[], reason: Gap['reason'], firstSeq = 0): void {
    const end = Math.min(this.#untilSeq, this.#host.head.seq);
    const due = items.filter(({ record }) => record.seq <= end);
    const wanted = due.filter(({ record }) => this.filter?.matches(record.entry) ?? true);
    // Readers at the same place share the array, and what a transport made of it.
    let batch: FeedBatch = wanted.length === items.length ? items : wanted;
    const begin = items[0]?.record.seq ?? firstSeq;
    if (begin > this.#seq + 1) {
      const gap = { from_seq: this.#seq + 1, to_seq: Math.min(begin - 1, end), reason };
      batch = [gapItem(this.#host.head.epoch, gap), ...wanted];
      this.#seq = gap.to_seq;
      this.#host.meter.gap(reason);
    }
    this.#seq = due.at(-1)?.record.seq ?? this.#seq;
    this.#host.meter.caughtUp(wanted.length);
    if (batch.length > 0) this.offer(batch);
  }

  #finish(last: FeedBatch): void {
    this.offer(last);
    this.end('done');
  }

  #becomeFull(): void {
    this.#host.meter.fellBehind();
    if (this.#state === 'live') {
      this.#host.leaveLive(this);
      this.#seq = this.#host.head.seq;
    }
    this.#state = 'full';
    this.#stall.begin(this.#host.now());
  }

  #cursor(): string {
    return formatCursor({ epoch: this.#host.head.epoch, seq: this.#seq, done: false });
  }
}
