import type { NodeLogStore } from '../log/log-store.js';
import { SliceSize } from '../log/slice-size.js';
import { heavyWork } from '../wait/fair-turns.js';
import { logItems, type LogFeedItem } from './log-item.js';

const BLOCKS_KEPT = 16;
const KEPT_MAX_CHARACTERS = 4 * 1024 * 1024;

export interface HistoryBlock {
  /** As the store answered; undefined when there is no such log. */
  readonly epoch: string | undefined;
  /** seq of the oldest entry held. */
  readonly firstSeq: number;
  readonly expired: boolean;
  /** In order, without holes. May begin before the requested entry, but not after the oldest held entry that follows it. */
  readonly items: readonly LogFeedItem[];
}

/**
 * Reads one log for all readers of this process. Entries are read in aligned blocks, so that readers that catch up at
 * the same time share one read and its result.
 */
export class HistoryReader {
  readonly #store: NodeLogStore;
  readonly #nodeId: string;
  readonly #inFlight = new Map<number, Promise<HistoryBlock | undefined>>();
  readonly #size = new SliceSize();
  /** Complete blocks, which do not change any more, in the order of use. */
  readonly #kept = new Map<number, HistoryBlock>();
  #keptCharacters = 0;

  constructor(store: NodeLogStore, nodeId: string) {
    this.#store = store;
    this.#nodeId = nodeId;
  }

  /** The seq after which the block with entry `seq` begins. */
  startOf(seq: number): number {
    const { entries } = this.#size;
    return Math.floor((seq - 1) / entries) * entries;
  }

  /**
   * The block with the entry after `seq`, or with the oldest one held after it. Each caller gets it in a turn of the event loop of
   * its own, to render it.
   */
  async after(seq: number): Promise<HistoryBlock> {
    for (;;) {
      const block = await this.#blockAfter(seq);
      if (block === undefined) continue;
      await heavyWork.turn();
      return block;
    }
  }

  /** Forgets every block: the log was replaced, or has no readers. */
  clear(): void {
    this.#kept.clear();
    this.#inFlight.clear();
    this.#keptCharacters = 0;
  }

  /** Undefined for a block that is too large: it is smaller from now on. */
  #blockAfter(seq: number): HistoryBlock | undefined | Promise<HistoryBlock | undefined> {
    const start = this.startOf(seq + 1);
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

  #read(start: number): Promise<HistoryBlock | undefined> {
    const { entries } = this.#size;
    const pending = this.#readBlock(start)
      .then((block) => {
        const current = this.#inFlight.get(start) === pending && entries === this.#size.entries;
        const complete = block?.items[0]?.record.seq === start + 1 && block.items.length === entries;
        if (current && complete) this.#keep(start, block);
        return block;
      })
      .finally(() => {
        if (this.#inFlight.get(start) === pending) this.#inFlight.delete(start);
      });
    return pending;
  }

  /** Also reads the entry before the block, which shows whether the first entry changed the status. */
  async #readBlock(start: number): Promise<HistoryBlock | undefined> {
    const { entries, maxBytes } = this.#size;
    const context = start > 0 ? 1 : 0;
    const range = { from: { afterSeq: start - context }, limit: entries + context, maxBytes };
    const { epoch, firstSeq, expired, lines, linesFrom, lastSeq } = await this.#store.read(
      this.#nodeId,
      range,
    );
    if (epoch === undefined) return { epoch, firstSeq, expired, items: [] };
    const asked = Math.min(range.limit, lastSeq + 1 - linesFrom);
    // A reader with little room reads a block several times: a large one would cost as much each time.
    if (entries === this.#size.entries && this.#size.learn(lines, asked)) this.clear();
    if (lines.length < asked && maxBytes !== undefined) return undefined;
    const items = logItems({ epoch, firstSeq: linesFrom, lines, before: undefined });
    return { epoch, firstSeq, expired, items: items.filter(({ record }) => record.seq > start) };
  }

  #keep(start: number, block: HistoryBlock): void {
    this.#kept.set(start, block);
    this.#keptCharacters += charactersOf(block);
    for (const [oldest, gone] of this.#kept) {
      if (this.#kept.size <= BLOCKS_KEPT && this.#keptCharacters <= KEPT_MAX_CHARACTERS) return;
      this.#kept.delete(oldest);
      this.#keptCharacters -= charactersOf(gone);
    }
  }
}

function charactersOf({ items }: HistoryBlock): number {
  return items.reduce((sum, { record }) => sum + record.json.length, 0);
}
