import { formatCursor } from '@launchlog/shared/cursor';
import type { Gap, Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { EntryFilter } from './entry-filter.js';
import type { FeedBatch, FeedEnd, FeedItem, FeedReader, FeedSink } from './feed-item.js';
import type { HistoryBlock } from './history-reader.js';
import type { StoreRefusal } from '../log/store-refusal.js';
import { gapItem, gapsForDamage, type LogFeedItem } from './log-item.js';
import { prepareItems, prepareRecent } from './prepared-items.js';
import type { ReaderHost, StoreNotice } from './reader-host.js';
import type { ReaderLifetime } from './reader-lifetime.js';
import { findReaderStart, logState } from './reader-start.js';
import { PREPARING, transition } from './reader-state.js';
import type { ReaderEvent, ReaderPosition, ReaderState } from './reader-state.js';

export interface ReaderRequest {
  readonly query: LogStreamQuery;
  readonly sink: FeedSink;
  readonly filter: EntryFilter | undefined;
}

/**
 * One reader's position in a log; it has no queue. While its sink has room and it is at the head, it is live. Otherwise it is
 * brought up to date, a bounded batch at a time, from buffers that all readers share. `reader-state.ts` shows its states.
 */
export class LogReader implements FeedReader {
  readonly filter: EntryFilter | undefined;
  readonly #host: ReaderHost<LogReader>;
  readonly #query: LogStreamQuery;
  readonly #sink: FeedSink;
  readonly #lifetime: ReaderLifetime;
  #state: ReaderState = PREPARING;
  /** One loop at a time; while it waits for the store, the sink may become full and drain again. */
  #advancing = false;
  /** The last notice sent was `log_store_unavailable`. */
  #knowsOutage = false;
  #knownRefusal: StoreRefusal | undefined;

  constructor(host: ReaderHost<LogReader>, request: ReaderRequest, lifetime: ReaderLifetime) {
    this.#host = host;
    this.#query = request.query;
    this.#sink = request.sink;
    this.filter = request.filter;
    this.#lifetime = lifetime;
  }

  get isFull(): boolean {
    return this.#state.kind === 'full';
  }

  get isLive(): boolean {
    return this.#state.kind === 'live' || this.#state.kind === 'ended';
  }

  /** Why the stream must end now; undefined if it need not. Asked about once a second. */
  exceeded(nowMs: number): 'max_age' | 'stalled' | undefined {
    return this.#lifetime.exceeded(nowMs, this.isFull ? this.#sink : undefined);
  }

  resume(afterSeq = Infinity): void {
    if (!this.isFull) return;
    this.#apply({ kind: 'drained', afterSeq });
    // The store came back while there was no room for the notice.
    if (!this.#host.head.isAway) this.notify('log_store_back');
    this.advance();
  }

  close(): void {
    if (this.#state.kind === 'ended') return;
    this.#apply({ kind: 'ended' });
    this.#host.remove(this);
  }

  end(reason: FeedEnd): void {
    if (this.#state.kind === 'ended') return;
    this.close();
    this.#host.meter.ended(reason);
    try {
      this.#sink.end(reason);
    } catch {
      // The sink is gone, and this was the last call to it.
    }
  }

  /** Hands over a batch. A sink that is now full, or that fails, gets nothing more. */
  offer(batch: FeedBatch): void {
    let hasRoom: boolean;
    try {
      hasRoom = this.#sink.push(batch);
    } catch {
      return this.end('failed');
    }
    if (!hasRoom && this.#state.kind !== 'ended') this.#becomeFull();
  }

  /** Sends a notice that the store is away, or back. A reader without room gets none; `resume` makes up for a return. */
  notify(code: StoreNotice): void {
    const away = code === 'log_store_unavailable';
    const { kind } = this.#state;
    // A reader that is preparing asks the store itself, and has no status to begin with yet.
    if (kind === 'full' || kind === 'ended' || kind === 'preparing' || this.#knowsOutage === away) return;
    this.#knowsOutage = away;
    const greeting = kind === 'placing' ? this.#greet() : [];
    this.offer([...greeting, ...this.#host.notice(code)]);
  }

  /** Asked about once a second: sends a notice when the store begins to refuse entries, or takes them again. */
  showRefusal(refusal: StoreRefusal | undefined): void {
    if (this.#knownRefusal === refusal || this.#knowsOutage) return;
    const { kind } = this.#state;
    if (kind !== 'live' && kind !== 'behind') return;
    this.#knownRefusal = refusal;
    this.offer(this.#host.notice(refusal === undefined ? 'log_store_back' : 'log_store_refuses_entries'));
  }

  /** The log was replaced by another one, or has begun. */
  restart(): void {
    if (this.#state.kind !== 'live') return;
    this.#apply({ kind: 'restarted' });
    this.advance();
  }

  /** Brings the reader up to date as far as its sink and the store allow. */
  advance(): void {
    if (!this.#advancing) void this.#advance().catch(() => this.end('failed'));
  }

  async #advance(): Promise<void> {
    this.#advancing = true;
    try {
      if (this.#isStarting) await this.#start();
      for (let progressed = true; progressed;) {
        if (this.filter) await prepareRecent(this.filter, this.#host.head, this.#catchingUpFrom);
        const position = this.#catchingUpFrom;
        progressed = position !== undefined && (this.#step(position) || (await this.#readHistory()));
      }
    } finally {
      // Without a turn in between: a resume right after the loop must be able to begin another one.
      this.#advancing = false;
    }
  }

  get #isStarting(): boolean {
    return this.#state.kind === 'preparing' || this.#state.kind === 'placing';
  }

  get #catchingUpFrom(): ReaderPosition | undefined {
    return this.#state.kind === 'behind' ? this.#state.position : undefined;
  }

  /** Makes every change of state, and reports to the host when the reader goes live or leaves. */
  #apply(event: ReaderEvent): void {
    const { kind: before } = this.#state;
    this.#state = transition(this.#state, event);
    const { kind: after } = this.#state;
    if (before === 'live' && after !== 'live') this.#host.leaveLive(this);
    if (before !== 'live' && after === 'live') this.#host.goLive(this);
  }

  async #start(): Promise<void> {
    const readiness = await this.#host.prepare();
    if (!this.#isStarting) return;
    this.#apply({ kind: 'prepared' });
    if (readiness === 'gone') return this.end('failed');
    if (readiness === 'away') {
      this.#host.park(this);
      return this.notify('log_store_unavailable');
    }
    const { head, ended } = this.#host;
    const options = { filter: this.filter, ended };
    const start = await findReaderStart(head, this.#query, options).catch(() => undefined);
    if (this.#state.kind !== 'placing') return;
    if (start === undefined) return this.#host.park(this);
    if (start.kind === 'finished') return this.#finish(this.#host.finalDone());
    const greeting = this.#greet(start.seq, start.status);
    const { reset } = start;
    const position = this.#positionAt(start.seq, logState(head, reset === undefined ? 'awaited' : 'lost'));
    this.#apply({ kind: 'placed', position });
    const welcome =
      reset === undefined ? greeting : [...greeting, this.#resetItem(reset, position, this.#query.cursor)];
    if (welcome.length > 0) this.offer(welcome);
  }

  /** The first item of the connection, once. */
  #greet(seq = 0, past?: StatusEvent): readonly FeedItem[] {
    if (this.#state.kind === 'placing' && this.#state.greeted) return [];
    this.#apply({ kind: 'greeted' });
    const status = this.#host.statusItem(this.#query.cursor ?? this.#cursor(seq), past);
    return status === undefined ? [] : [status];
  }

  /** Takes one step that needs no read. Returns false if the next step needs one. */
  #step(position: ReaderPosition): boolean {
    const { head } = this.#host;
    if (position.generation !== head.generation) return this.#moveToNewLog(position);
    if (position.seq >= Math.min(position.untilSeq, head.seq)) {
      if (!this.#query.follow) this.#finish([this.#host.presentDone(position.seq)]);
      else if (this.#host.ended) this.#finish(this.#host.finalDone());
      else this.#apply({ kind: 'caught_up' });
      return true;
    }
    const recent = head.recent.after(position.seq);
    if (recent !== undefined) this.#deliver(position, recent, { reason: 'trimmed' });
    return recent !== undefined;
  }

  #moveToNewLog(former: ReaderPosition): boolean {
    const { head } = this.#host;
    // A log begins with entry 1: a reader that waited for it has missed nothing of it.
    const seq = former.log === 'present' ? head.firstSeq - 1 : 0;
    const position = this.#positionAt(seq, logState(head, former.log === 'awaited' ? 'awaited' : 'lost'));
    this.#apply({ kind: 'moved', position });
    if (former.log !== 'awaited') this.offer([this.#resetItem(head.reset, position, head.cursor)]);
    return true;
  }

  #positionAt(seq: number, log: ReaderPosition['log']): ReaderPosition {
    const { generation, seq: headSeq } = this.#host.head;
    return { generation, log, seq, untilSeq: this.#query.follow ? Infinity : headSeq };
  }

  /** While the new log has no epoch, a client that resumes must get the reset again: its cursor is of the log that is gone. */
  #resetItem(reset: Reset, { log, seq }: ReaderPosition, goneCursor = this.#cursor(seq)): FeedItem {
    this.#host.meter.reset(reset.reason);
    return { kind: 'reset', cursor: log === 'lost' ? goneCursor : this.#cursor(seq), reset };
  }

  async #readHistory(): Promise<boolean> {
    const { head } = this.#host;
    const before = this.#catchingUpFrom;
    if (before === undefined) return false;
    const slice = await head.history.after(before.seq).catch(() => undefined);
    if (this.filter) await prepareItems(this.filter, slice?.items);
    const position = this.#catchingUpFrom;
    if (position === undefined) return false;
    // The slice may be of a log that has been replaced meanwhile.
    if (position.generation !== head.generation) return true;
    if (slice !== undefined && slice.epoch === head.epoch && this.#takeHistory(position, slice)) return true;
    this.#host.park(this);
    return false;
  }

  #takeHistory(position: ReaderPosition, { items, firstSeq, expired }: HistoryBlock): boolean {
    const oldest = items[0]?.record.seq ?? firstSeq;
    const newer = oldest <= position.seq ? items.slice(position.seq + 1 - oldest) : items;
    if (newer.length === 0 && firstSeq <= position.seq + 1) return false;
    this.#deliver(position, newer, { reason: expired ? 'expired' : 'trimmed', firstSeq });
    return true;
  }

  /** Delivers items up to the head and no further: the head announces the rest itself. */
  #deliver(
    { seq, untilSeq, ...position }: ReaderPosition,
    items: readonly LogFeedItem[],
    { reason, firstSeq = 0 }: { readonly reason: Gap['reason']; readonly firstSeq?: number },
  ): void {
    const end = Math.min(untilSeq, this.#host.head.seq);
    const upToEnd = items.filter(({ record }) => record.seq <= end);
    const wanted = upToEnd.filter(
      ({ record }) => record.damaged || (this.filter?.matches(record.entry) ?? true),
    );
    // Readers at the same position share the array, and with it the bytes that a transport rendered of it.
    let batch: FeedBatch = wanted.length === items.length ? items : wanted;
    let reached = seq;
    const begin = items[0]?.record.seq ?? firstSeq;
    if (begin > seq + 1) {
      const gap = { from_seq: seq + 1, to_seq: Math.min(begin - 1, end), reason };
      batch = [gapItem(this.#host.head.epoch, gap), ...wanted];
      reached = gap.to_seq;
      this.#host.meter.gap(reason);
    }
    reached = upToEnd.at(-1)?.record.seq ?? reached;
    this.#apply({ kind: 'moved', position: { ...position, untilSeq, seq: reached } });
    this.#host.meter.caughtUp(wanted.length);
    if (batch.length > 0) this.offer(gapsForDamage(batch));
  }

  #finish(last: FeedBatch): void {
    this.offer(last);
    this.end('done');
  }

  /** Leaves the head at `seq`, because what follows is heavy to filter: the reader catches up in later turns. */
  stepBack(seq: number): void {
    if (this.#state.kind !== 'live') return;
    this.#apply({ kind: 'filled', headSeq: seq });
    this.#apply({ kind: 'drained', afterSeq: seq });
    queueMicrotask(() => this.advance());
  }

  #becomeFull(): void {
    this.#host.meter.fellBehind();
    this.#apply({ kind: 'filled', headSeq: this.#host.head.seq });
    this.#lifetime.becameFull(this.#host.now());
  }

  #cursor(seq: number): string {
    return formatCursor({ epoch: this.#host.head.epoch, seq, done: false });
  }
}
