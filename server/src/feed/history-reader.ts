import type { NodeLogStore } from '../log/log-store.js';
import { logItems, type LogFeedItem } from './log-item.js';

/** Entries are read in blocks of this many, aligned, so that readers on the same way meet. */
export const BLOCK_ENTRIES = 256;
/** Larger ones make the blocks of their log smaller. */
const BLOCK_MAX_BYTES = 1024 * 1024;
const BLOCK_MIN_ENTRIES = 8;
const BLOCKS_KEPT = 16;
const KEPT_MAX_BYTES = 4 * 1024 * 1024;

export interface HistorySlice {
  /** As the store said; undefined when there is no such log. */
  readonly epoch: string | undefined;
  /** seq of the oldest entry held. */
  readonly firstSeq: number;
  readonly expired: boolean;
  /** In order, without holes; possibly beginning before what was asked for, never after the oldest entry beyond it. */
  readonly items: readonly LogFeedItem[];
}

/** Reads one log for all readers of this process: readers that want the same at once share one read and its result. */
export class HistoryReader {
  readonly #store: NodeLogStore;
  readonly #nodeId: string;
  readonly #inFlight = new Map<number, Promise<HistorySlice>>();
  /** Whole blocks do not change any more; the map's order is that of use. */
  readonly #kept = new Map<number, HistorySlice>();
  #keptBytes = 0;
  #blockEntries = BLOCK_ENTRIES;

  constructor(store: NodeLogStore, nodeId: string) {
    this.#store = store;
    this.#nodeId = nodeId;
  }

  /** Entries of a block; fewer where lines are long. */
  get blockEntries(): number {
    return this.#blockEntries;
  }

  /** The block with the entry after `seq`, or what is held first after it. */
  async after(seq: number): Promise<HistorySlice> {
    const start = Math.floor(seq / this.#blockEntries) * this.#blockEntries;
    const kept = this.#kept.get(start);
    if (kept !== undefined) {
      this.#kept.delete(start);
      this.#kept.set(start, kept);
      return kept;
    }
    const pending = this.#inFlight.get(start) ?? this.#read(start);
    this.#inFlight.set(start, pending);
    return pending;
  }

  /** Another log stands there now, or nobody needs this one. */
  clear(): void {
    this.#kept.clear();
    this.#inFlight.clear();
    this.#keptBytes = 0;
  }

  #read(start: number): Promise<HistorySlice> {
    const entries = this.#blockEntries;
    const pending = this.#readBlock(start, entries)
      .then((slice) => {
        const bytes = bytesOf(slice);
        if (bytes > BLOCK_MAX_BYTES) this.#shrinkBlocks(slice, bytes);
        const current = this.#inFlight.get(start) === pending && entries === this.#blockEntries;
        if (current && slice.items[0]?.record.seq === start + 1 && slice.items.length === entries) {
          this.#keep(start, slice);
        }
        return slice;
      })
      .finally(() => {
        if (this.#inFlight.get(start) === pending) this.#inFlight.delete(start);
      });
    return pending;
  }

  /** One entry more than the block, to know whether the first one changed the status. */
  async #readBlock(start: number, entries: number): Promise<HistorySlice> {
    const context = start > 0 ? 1 : 0;
    const range = { from: { afterSeq: start - context }, limit: entries + context };
    const { epoch, firstSeq, expired, lines, linesFrom } = await this.#store.read(this.#nodeId, range);
    if (epoch === undefined) return { epoch, firstSeq, expired, items: [] };
    const items = logItems({ epoch, firstSeq: linesFrom, lines, before: undefined });
    // The context itself belongs to the block before.
    return { epoch, firstSeq, expired, items: items.filter(({ record }) => record.seq > start) };
  }

  /** Whoever has room for little reads a block again and again: a large one would cost a log's worth each time. */
  #shrinkBlocks({ items }: HistorySlice, bytes: number): void {
    let entries = this.#blockEntries;
    const fits = (BLOCK_MAX_BYTES / bytes) * items.length;
    while (entries > BLOCK_MIN_ENTRIES && entries > fits) entries /= 2;
    if (entries === this.#blockEntries) return;
    this.clear();
    this.#blockEntries = entries;
  }

  #keep(start: number, slice: HistorySlice): void {
    this.#kept.set(start, slice);
    this.#keptBytes += bytesOf(slice);
    for (const [oldest, gone] of this.#kept) {
      if (this.#kept.size <= BLOCKS_KEPT && this.#keptBytes <= KEPT_MAX_BYTES) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytesOf(gone);
    }
  }
}

function bytesOf(slice: HistorySlice): number {
  return slice.items.reduce((sum, item) => sum + item.record.json.length, 0);
}
