import type { LogLevel } from '@launchlog/shared/log-entry';
import { isTerminalPhase, type Phase } from '@launchlog/shared/phase';

/** An entry on its way into the store. It gets its seq with its batch. */
export interface PendingEntry {
  /** The number of this write of the writer, from 1. */
  readonly ordinal: number;
  readonly level: LogLevel;
  readonly phase: Phase;
  /** The entry as JSON without the opening `{"seq":N,`. */
  readonly rest: string;
  readonly bytes: number;
  readonly checkpoint: string | undefined;
}

export interface PendingBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/**
 * Entries that wait for the store, in order and bounded. An overflow drops the oldest entries of level debug, then the
 * oldest of all levels, never the terminal entry. It drops a tenth at once, so that the cost of a write stays constant.
 */
export class PendingEntries {
  readonly #bounds: PendingBounds;
  #entries: PendingEntry[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(bounds: PendingBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.length;
  }

  get first(): PendingEntry | undefined {
    return this.#entries[0];
  }

  push(entry: PendingEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    if (this.#entries.length > this.#bounds.maxEntries || this.#bytes > this.#bounds.maxBytes) this.#shrink();
  }

  /** Puts entries before all others, without dropping any. */
  unshift(entries: readonly PendingEntry[]): void {
    this.#entries = [...entries, ...this.#entries];
    for (const entry of entries) this.#bytes += entry.bytes;
  }

  /** Takes the oldest entries within the bounds, but at least one if there is one. */
  take(bounds: PendingBounds): PendingEntry[] {
    let bytes = 0;
    let count = 0;
    for (const entry of this.#entries) {
      bytes += entry.bytes;
      if (count > 0 && (count >= bounds.maxEntries || bytes > bounds.maxBytes)) break;
      count += 1;
    }
    const taken = this.#entries.splice(0, count);
    for (const entry of taken) this.#bytes -= entry.bytes;
    return taken;
  }

  /** How many entries were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }

  #shrink(): void {
    const before = this.#entries.length;
    this.#drop((entry) => entry.level === 'debug');
    this.#drop((entry) => !isTerminalPhase(entry.phase));
    this.#dropped += before - this.#entries.length;
  }

  #drop(mayGo: (entry: PendingEntry) => boolean): void {
    const countGoal = this.#bounds.maxEntries * KEPT_SHARE;
    const bytesGoal = this.#bounds.maxBytes * KEPT_SHARE;
    let count = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => {
      if ((count <= countGoal && this.#bytes <= bytesGoal) || !mayGo(entry)) return true;
      count -= 1;
      this.#bytes -= entry.bytes;
      return false;
    });
  }
}

const KEPT_SHARE = 0.9;
