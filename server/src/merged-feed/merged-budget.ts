import { MERGED_NODES_MAX } from '@launchlog/shared/merged-log';

/** Bytes that may wait in all queues of one stream. Beyond that, a log whose queue is empty may hold one entry. */
export const MERGED_QUEUE_BYTES = 4 * 1024 * 1024;
/** One half is shared, first come, first served. The other half is divided, so that no log waits for another one's memory. */
const COMMON_BYTES = MERGED_QUEUE_BYTES / 2;
export const SHARE_BYTES = (MERGED_QUEUE_BYTES - COMMON_BYTES) / MERGED_NODES_MAX;

/** The memory in which entries of one merged stream wait. */
export class MergedBudget {
  #heldBytes = 0;
  #commonBytes = 0;

  /** Bytes that wait now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether one log may hold `after` bytes instead of `before`. */
  allows(before: number, after: number): boolean {
    return (
      after <= SHARE_BYTES || this.#commonBytes + beyondShare(after) - beyondShare(before) <= COMMON_BYTES
    );
  }

  /** One log holds `after` bytes instead of `before`. */
  change(before: number, after: number): void {
    this.#heldBytes += after - before;
    this.#commonBytes += beyondShare(after) - beyondShare(before);
  }
}

function beyondShare(bytes: number): number {
  return Math.max(0, bytes - SHARE_BYTES);
}
