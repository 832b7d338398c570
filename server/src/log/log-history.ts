import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import type { Gap } from '@launchlog/shared/event';
import { heavyWork } from '../wait/fair-turns.js';
import {
  backwards,
  forwards,
  gapBetween,
  type HistorySlice,
  type HistorySource,
  type HistoryStep,
} from './history-walk.js';
import type { LogSlice, NodeLogStore } from './log-store.js';
import { SLICE_ENTRIES, SLICE_MAX_BYTES, SliceSize } from './slice-size.js';

/**
 * The history of one log as it was at the moment of `open`, read from the store slice by slice. The caller's work on a slice
 * is heavy, so each slice waits for its turn of the event loop.
 *
 * Order and gaps are those of `history-walk.ts`. The log may change during a walk: entries appended later are left out,
 * trimmed ones become a gap, and a log that was cleared, lost entries or began again ends the walk with `changed`. The caller
 * owes nothing: a walk that is not finished holds no resource.
 */
export class LogHistory implements HistorySource<string> {
  readonly #store: Pick<NodeLogStore, 'read'>;
  readonly #nodeId: string;
  readonly #size = new SliceSize();
  /** The end of the log, with at least its last entry. */
  readonly #end: LogSlice;

  private constructor(store: Pick<NodeLogStore, 'read'>, nodeId: string, end: LogSlice) {
    this.#store = store;
    this.#nodeId = nodeId;
    this.#end = end;
  }

  /** Also reads the last `tail` entries, so that a caller who needs no more needs no second read, but no more than a slice. */
  static async open(
    store: Pick<NodeLogStore, 'read'>,
    nodeId: string,
    { tail = 1 }: { readonly tail?: number } = {},
  ): Promise<LogHistory> {
    const limit = Math.min(tail, SLICE_ENTRIES);
    const range = { from: { tail: limit }, limit, maxBytes: SLICE_MAX_BYTES };
    return new LogHistory(store, nodeId, await store.read(nodeId, range));
  }

  /** What the store answered to `open`. */
  get view(): LogSlice {
    return this.#end;
  }

  /** There is no log: none has begun, it was cleared, or the store has forgotten it. */
  get isAbsent(): boolean {
    return this.#end.epoch === undefined || this.#end.cleared;
  }

  /** The unborn epoch while there is no log. */
  get epoch(): string {
    return this.isAbsent ? UNBORN_EPOCH : (this.#end.epoch ?? UNBORN_EPOCH);
  }

  /** seq of the oldest held entry; `lastSeq + 1` without any. */
  get firstSeq(): number {
    return this.isAbsent ? 1 : this.#end.firstSeq;
  }

  get lastSeq(): number {
    return this.isAbsent ? 0 : this.#end.lastSeq;
  }

  get expired(): boolean {
    return this.#end.expired;
  }

  forwards(afterSeq: number): AsyncGenerator<HistoryStep<string>, void> {
    return forwards(this, this, afterSeq);
  }

  backwards(): AsyncGenerator<HistoryStep<string>, void> {
    return backwards(this, this);
  }

  /** The entries right after `seq` that were not held any more at the moment of `open`. */
  gapAfter(seq: number): Gap | undefined {
    return gapBetween({ afterSeq: seq, beforeSeq: this.firstSeq, expired: this.expired });
  }

  async after(seq: number): Promise<HistorySlice<string> | undefined> {
    const slice = await this.#sliceAfter(seq);
    await heavyWork.turn();
    return slice;
  }

  startOf(seq: number): number {
    const { lines, linesFrom } = this.#end;
    if (lines.length > 0 && seq >= linesFrom) return linesFrom - 1;
    return Math.max(0, seq - this.#size.entries);
  }

  async #sliceAfter(seq: number): Promise<HistorySlice<string> | undefined> {
    const { lines, linesFrom, expired } = this.#end;
    if (lines.length > 0 && seq + 1 >= linesFrom) return { from: linesFrom, entries: lines, expired };
    const limit = Math.min(this.#size.entries, this.lastSeq - seq);
    const range = { from: { afterSeq: seq }, limit, maxBytes: this.#size.maxBytes };
    const slice = await this.#store.read(this.#nodeId, range);
    if (!isSameLog(this.#end, slice)) return undefined;
    this.#size.learn(slice.lines, limit);
    return { from: slice.linesFrom, entries: slice.lines, expired: slice.expired };
  }
}

/** A log that ends earlier than it did has lost entries: its numbers may be used for other entries. */
function isSameLog(before: LogSlice, now: LogSlice): boolean {
  return now.epoch === before.epoch && !now.cleared && now.lastSeq >= before.lastSeq;
}
