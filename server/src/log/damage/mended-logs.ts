import type { LogPosition, LogSlice } from '../log-store.js';

const REMEMBERED_MAX = 20_000;

/**
 * Where damaged logs stand as the store has it, which is not where readers see them stand: their epoch or their last seq was put
 * right on the way. Without it each of them would look changed whenever the store is asked, and would be read for nothing.
 */
export class MendedLogs {
  readonly #stored = new Map<string, { readonly shown: string; readonly stored: string }>();

  /** `stored` is what the store compares: `<epoch>:<last seq>`. */
  note(nodeId: string, slice: LogSlice, stored: string): void {
    const shown = standing(slice.cleared ? { epoch: undefined, lastSeq: 0 } : slice);
    this.#stored.delete(nodeId);
    if (shown === stored) return;
    this.#stored.set(nodeId, { shown, stored });
    for (const oldest of this.#stored.keys()) {
      if (this.#stored.size <= REMEMBERED_MAX) return;
      this.#stored.delete(oldest);
    }
  }

  /** What the store has if nothing has changed since the log was read; empty where no log is known. */
  standsOf(position: LogPosition): string {
    const shown = standing(position);
    const mended = this.#stored.get(position.nodeId);
    return mended?.shown === shown ? mended.stored : shown;
  }
}

function standing({ epoch, lastSeq }: Pick<LogPosition, 'epoch' | 'lastSeq'>): string {
  return epoch === undefined ? '' : `${epoch}:${lastSeq}`;
}
