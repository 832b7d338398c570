import type { Clock } from '../clock.js';
import type { NewAuditEntry } from './audit-store.js';

/** One row of the trail while what it records may be repeated. */
export interface AuditWindow {
  /** The entry as written. It has no target if the caller's rows name too many already. */
  readonly entry: NewAuditEntry;
  /** The id of the row; undefined where it could not be written. */
  written: Promise<number | undefined>;
  /** Repetitions that are not in the row yet. */
  waiting: number;
  isFlushing: boolean;
}

interface OpenWindow extends AuditWindow {
  readonly who: string;
  readonly endsAtMs: number;
  /** How many equal entries came before this one in the window. */
  readonly before: number;
}

/** How long a row counts repetitions. The table allows it for an hour. */
const WINDOW_MS = 10 * 60_000;
/** Rows of refused and failed calls of one caller in a window that name a target. Further ones share rows that do not. */
const NAMED_ROWS_OF_A_CALLER = 20;
/** Rows in a window for callers without a known token. Further ones share rows that name no address. */
const UNKNOWN_CALLERS_MAX = 500;
/** Equal entries of one caller in a window that get rows of their own. Further ones are counted in a row. */
const SAME_ROWS_MAX = 10;
/** Rows that are open. Beyond it the oldest are closed, and what repeats them begins new rows. */
const OPEN_MAX = 20_000;
const MANY_ADDRESSES = 'many';

/**
 * Finds the row that an entry repeats, so that no caller can fill the trail: repeated refusals become one row with a count
 * and the last time. See decision 118.
 */
export class AuditWindows {
  readonly #clock: Clock;
  /** Open windows, in the order in which they end. */
  readonly #open = new Map<string, OpenWindow>();
  /** Named rows of each caller. */
  readonly #rows = new Map<string, number>();
  #unknown = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The window of the entry. If `isNew`, the caller writes its entry and sets `written` at once. */
  find(entry: NewAuditEntry): { readonly window: AuditWindow; readonly isNew: boolean } {
    this.#closeEnded();
    return entry.outcome === 'ok' ? this.#findDone(entry) : this.#findRefused(entry);
  }

  #findDone(entry: NewAuditEntry) {
    const key = keyOf(entry, [entry.address, entry.target]);
    const same = this.#open.get(key);
    if (same === undefined || same.before + 1 < SAME_ROWS_MAX) {
      return this.#begin(key, entry, { before: (same?.before ?? -1) + 1 });
    }
    return { window: same, isNew: false };
  }

  #findRefused(entry: NewAuditEntry) {
    const key = keyOf(entry, [entry.address, entry.target, entry.code]);
    const window = this.#open.get(key);
    if (window !== undefined) return { window, isNew: false };
    const who = whoOf(entry);
    if (!this.#hasRoom(entry, who)) return this.#findShared(entry);
    return this.#begin(key, entry, { who });
  }

  #findShared(entry: NewAuditEntry) {
    const isUnknown = entry.actor === undefined;
    const shared = { ...entry, target: undefined, ...(isUnknown ? { address: MANY_ADDRESSES } : {}) };
    const key = `shared ${keyOf(shared, [isUnknown ? MANY_ADDRESSES : undefined, entry.code])}`;
    const window = this.#open.get(key);
    return window === undefined ? this.#begin(key, shared) : { window, isNew: false };
  }

  #hasRoom({ actor }: NewAuditEntry, who: string): boolean {
    if (actor === undefined && this.#unknown >= UNKNOWN_CALLERS_MAX) return false;
    return (this.#rows.get(who) ?? 0) < NAMED_ROWS_OF_A_CALLER;
  }

  #begin(key: string, entry: NewAuditEntry, { who = '', before = 0 } = {}) {
    const window: OpenWindow = {
      entry,
      who,
      before,
      endsAtMs: this.#clock.monotonic() + WINDOW_MS,
      written: Promise.resolve(undefined),
      waiting: 0,
      isFlushing: false,
    };
    this.#close(key);
    this.#open.set(key, window);
    if (who !== '') this.#count(window, 1);
    const [oldest] = this.#open.keys();
    if (this.#open.size > OPEN_MAX && oldest !== undefined) this.#close(oldest);
    return { window, isNew: true };
  }

  #closeEnded(): void {
    for (const [key, { endsAtMs }] of this.#open) {
      if (endsAtMs > this.#clock.monotonic()) return;
      this.#close(key);
    }
  }

  #close(key: string): void {
    const window = this.#open.get(key);
    if (window === undefined) return;
    this.#open.delete(key);
    if (window.who !== '') this.#count(window, -1);
  }

  #count({ who, entry }: OpenWindow, by: 1 | -1): void {
    const rows = (this.#rows.get(who) ?? 0) + by;
    if (rows === 0) this.#rows.delete(who);
    else this.#rows.set(who, rows);
    if (entry.actor === undefined) this.#unknown += by;
  }
}

function whoOf({ tokenId, actor, address }: NewAuditEntry): string {
  return tokenId ?? (actor === undefined ? `at ${address}` : `as ${actor}`);
}

function keyOf(entry: NewAuditEntry, also: readonly (string | undefined)[]): string {
  return JSON.stringify([entry.tokenId, entry.actor, entry.action, entry.outcome, ...also]);
}
