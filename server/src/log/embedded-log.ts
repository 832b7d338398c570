import { fittingLines } from './fitting-lines.js';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import type { LogChange, LogMark, LogRecordOfChange } from './embedded-log-change.js';
import { LineRing } from './line-ring.js';
import type { AppendReply, LogBatch, LogClaim, LogEnd, LogLimits, LogRange, LogSlice } from './log-store.js';

/** An entire log as one change. */
interface StateRecord extends LogRecordOfChange {
  readonly change: Extract<LogChange, { op: 'state' }>;
}

/**
 * One log as a value in memory. It decides what a request means, and changes only by `apply`, so that a log read back
 * from its file equals the one that was written.
 */
export class EmbeddedLog {
  readonly #limits: LogLimits;
  readonly #ring: LineRing;
  #epoch: string | undefined;
  #attempt = 0;
  #began: 'new' | 'cleared' | 'lost' = 'new';
  #lastSeq = 0;
  #cleared = false;
  #closed = false;
  #terminal: string | undefined;
  #checkpoint: string | undefined;
  #touchedAt = 0;
  #appendedAt = 0;

  constructor(limits: LogLimits) {
    this.#limits = limits;
    this.#ring = new LineRing(limits);
  }

  get bytes(): number {
    return this.#ring.bytes;
  }

  /** No such log is known, or it was forgotten. */
  get blank(): boolean {
    return this.#epoch === undefined;
  }

  /** A log that was cleared ends as one that is not known. */
  get end(): LogEnd {
    const known = this.#epoch !== undefined && !this.#cleared;
    return known ? { epoch: this.#epoch, lastSeq: this.#lastSeq } : { epoch: undefined, lastSeq: 0 };
  }

  /** Removes what has expired by `now`. */
  expire(now: number): void {
    if (now >= this.#appendedAt + this.#limits.ttlMs) this.#ring.clear();
    if (now >= this.#touchedAt + this.#limits.metaTtlMs) this.#forget();
  }

  /** The change that a claim makes; undefined when the claimant is fenced. `epoch` is used if a new one has to begin. */
  claim(request: { attempt: number; epoch: string; renewal: boolean; at: number }): LogChange | undefined {
    const { attempt, epoch, renewal, at } = request;
    if (this.#epoch !== undefined && this.#attempt > attempt) return undefined;
    const begin = (why: 'new' | 'cleared' | 'lost') => ({
      op: 'begin' as const,
      at,
      epoch,
      attempt,
      began: why,
    });
    if (this.#epoch === undefined) return begin(renewal ? 'lost' : 'new');
    if (renewal && this.#epoch !== epoch) return begin('lost');
    if (this.#cleared) return begin('cleared');
    return { op: 'own', at, attempt };
  }

  /** The log as the owner finds it, after its claim was applied. */
  get claimed(): LogClaim {
    return {
      kind: 'claimed',
      epoch: this.#epoch ?? '',
      lastSeq: this.#lastSeq,
      checkpoint: this.#checkpoint,
      terminal:
        this.#terminal === undefined ? undefined : logEntrySchema.safeParse(JSON.parse(this.#terminal)).data,
    };
  }

  /** Judges whether a batch may be appended now; `appended` means that it may. */
  judge(batch: LogBatch): AppendReply {
    const last = batch.firstSeq + batch.lines.length - 1;
    if (this.#epoch === undefined) return { kind: 'lost' };
    if (this.#attempt > batch.attempt) return { kind: 'fenced' };
    if (this.#attempt < batch.attempt) return { kind: 'lost' };
    if (this.#epoch === batch.epoch && this.#lastSeq >= last) return { kind: 'duplicate' };
    if (this.#cleared) return { kind: 'cleared' };
    if (this.#epoch !== batch.epoch || this.#lastSeq !== batch.firstSeq - 1) return { kind: 'lost' };
    return { kind: this.#closed ? 'closed' : 'appended' };
  }

  apply({ change, lines }: LogRecordOfChange): void {
    this.expire(change.at);
    this.#touchedAt = change.at;
    switch (change.op) {
      case 'begin':
        return this.#begin(change);
      case 'own':
        this.#attempt = change.attempt;
        return;
      case 'append':
        this.#appendedAt = change.at;
        this.#attempt = change.attempt ?? this.#attempt;
        this.#lastSeq = change.last_seq;
        this.#checkpoint = change.checkpoint ?? this.#checkpoint;
        this.#closed = change.closed;
        if (change.closed) this.#terminal = change.terminal ?? lines.at(-1);
        return this.#ring.push(lines);
      case 'clear':
        this.#cleared = true;
        this.#terminal = undefined;
        return this.#ring.clear();
      case 'state':
        return this.#restore(change, lines);
    }
  }

  read(range: LogRange): LogSlice {
    const { from, limit } = range;
    const firstSeq = this.#lastSeq - this.#ring.size + 1;
    const wanted = 'tail' in from ? this.#lastSeq - from.tail + 1 : from.afterSeq + 1;
    const linesFrom = Math.min(Math.max(wanted, firstSeq), this.#lastSeq + 1);
    return {
      epoch: this.#epoch,
      lastSeq: this.#lastSeq,
      firstSeq,
      closed: this.#closed,
      expired: this.#ring.size === 0 && this.#lastSeq > 0 && !this.#cleared,
      cleared: this.#cleared,
      began: this.#began,
      ...fittingLines({ lines: this.#ring.slice(linesFrom - firstSeq, limit), linesFrom }, range),
    };
  }

  /** The entire log as one change. */
  snapshot(): StateRecord | undefined {
    const change = this.#state();
    return change && { change, lines: this.#ring.slice(0, this.#ring.size) };
  }

  #state(): StateRecord['change'] | undefined {
    if (this.#epoch === undefined) return undefined;
    return {
      op: 'state',
      at: this.#touchedAt,
      appended_at: this.#appendedAt,
      epoch: this.#epoch,
      attempt: this.#attempt,
      began: this.#began,
      last_seq: this.#lastSeq,
      count: this.#ring.size,
      cleared: this.#cleared,
      closed: this.#closed,
      ...(this.#terminal === undefined ? {} : { terminal: this.#terminal }),
      ...(this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint }),
    };
  }

  /** How far the log goes, apart from its entries; `n` is the number of its last change. */
  mark(n: number): LogMark | undefined {
    const state = this.#state();
    if (state === undefined) return undefined;
    const { op: _, count, checkpoint: __, ...facts } = state;
    return { ...facts, op: 'mark', n, first_seq: facts.last_seq - count + 1 };
  }

  /**
   * The entire log as one change that is safe after a loss: it begins a new epoch, so that no number that readers may have
   * seen is used twice in one epoch. A closed log keeps its epoch, because it gets no more numbers.
   */
  salvage(epoch: string): LogRecordOfChange | undefined {
    const whole = this.snapshot();
    if (whole === undefined || this.#closed) return whole;
    return { ...whole, change: { ...whole.change, epoch, began: 'lost' } };
  }

  #begin(change: Extract<LogChange, { op: 'begin' }>): void {
    // Entries an operator cleared must not be read and appended again; lost entries should be.
    const checkpoint = change.began === 'cleared' ? this.#checkpoint : undefined;
    this.#forget();
    this.#epoch = change.epoch;
    this.#attempt = change.attempt;
    this.#began = change.began;
    this.#checkpoint = checkpoint;
    this.#touchedAt = change.at;
  }

  #restore(change: Extract<LogChange, { op: 'state' }>, lines: readonly string[]): void {
    this.#forget();
    this.#epoch = change.epoch;
    this.#attempt = change.attempt;
    this.#began = change.began;
    this.#lastSeq = change.last_seq;
    this.#cleared = change.cleared;
    this.#closed = change.closed;
    this.#terminal = change.terminal;
    this.#checkpoint = change.checkpoint;
    this.#touchedAt = change.at;
    this.#appendedAt = change.appended_at;
    this.#ring.push(lines);
  }

  #forget(): void {
    this.#ring.clear();
    this.#epoch = undefined;
    this.#attempt = 0;
    this.#began = 'new';
    this.#lastSeq = 0;
    this.#cleared = false;
    this.#closed = false;
    this.#terminal = undefined;
    this.#checkpoint = undefined;
  }
}
