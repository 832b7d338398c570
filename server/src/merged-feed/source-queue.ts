import { itemBytes } from '../feed/feed-item.js';
import type { FeedItem } from '../feed/feed-item.js';
import { SHARE_BYTES, type MergedBudget } from './merged-budget.js';

/** Items that wait in memory for one log. */
const QUEUE_ITEMS = 64;
/** At this level the reader is asked for more, so that the queue does not run empty. */
const LOW_ITEMS = 16;
const LOW_BYTES = 16 * 1024;

/** Items of one log that wait for the merge, each with its time. */
export class SourceQueue {
  readonly #budget: MergedBudget;
  readonly #items: FeedItem[] = [];
  #heldBytes = 0;
  #takenMs = -Infinity;

  /** The budget is shared with the other logs of the stream. */
  constructor(budget: MergedBudget) {
    this.#budget = budget;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get isFull(): boolean {
    return this.#items.length >= QUEUE_ITEMS;
  }

  get isLow(): boolean {
    if (this.#items.length > LOW_ITEMS || this.#heldBytes > LOW_BYTES) return false;
    // Not asked without room for what follows: the reader would have to read it again.
    return (
      this.#heldBytes <= SHARE_BYTES / 2 || this.#budget.allows(this.#heldBytes, this.#heldBytes + LOW_BYTES)
    );
  }

  /** The time of the next item; undefined while there is none. Never before that of the item that was taken last. */
  get nextMs(): number | undefined {
    const [next] = this.#items;
    if (next === undefined) return undefined;
    if (next.kind !== 'log') return this.#takenMs;
    return Math.max(this.#takenMs, Date.parse(next.record.heading.timestamp));
  }

  /** An empty queue takes an entry of any size, so that the log makes progress. All other items are small. */
  hasRoomFor(item: FeedItem): boolean {
    if (item.kind !== 'log' || this.isEmpty) return true;
    return this.#budget.allows(this.#heldBytes, this.#heldBytes + itemBytes(item));
  }

  add(item: FeedItem): void {
    this.#items.push(item);
    this.#hold(this.#heldBytes + itemBytes(item));
  }

  take(): FeedItem | undefined {
    const { nextMs } = this;
    const item = this.#items.shift();
    if (nextMs !== undefined) this.#takenMs = nextMs;
    if (item !== undefined) this.#hold(this.#heldBytes - itemBytes(item));
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#hold(0);
  }

  #hold(bytes: number): void {
    this.#budget.change(this.#heldBytes, bytes);
    this.#heldBytes = bytes;
  }
}
