import type { FeedBatch } from './feed-item.js';

/** None of these may throw. */
export interface LogHeadListener {
  /** The batch follows directly after the former head. */
  advanced(batch: FeedBatch): void;
  /** The log was replaced by another one, or has begun; its entries follow by `advanced`. */
  restarted(): void;
  /** The store has answered: everything that it knew was announced. */
  synced(): void;
  /** The store does not answer. */
  away(): void;
  back(): void;
}
