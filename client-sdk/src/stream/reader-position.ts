import type { LogStreamEvent } from '@launchlog/shared/event';
import { parseCursor } from '@launchlog/shared/cursor';
import type { Cursor } from '@launchlog/shared/cursor';

/** Where one reader of a stream is. */
export interface StreamPosition<Event> {
  /** The reader's position, undefined until the first event. */
  readonly cursor: string | undefined;
  /** The last event of the stream was delivered. */
  readonly done: boolean;
  /** Returns false for an event that was delivered before; otherwise moves to `cursor`. */
  advance(event: Event, cursor: string): boolean;
}

/** The position of one reader in a stream whose cursors are opaque. */
export class OpaquePosition implements StreamPosition<unknown> {
  readonly done = false;
  cursor: string | undefined;

  advance(_event: unknown, cursor: string): boolean {
    this.cursor = cursor;
    return true;
  }
}

/** The position of one reader in a log: decides which entries are new to it and where it resumes. */
export class ReaderPosition implements StreamPosition<LogStreamEvent> {
  #cursor: Cursor | undefined;
  #text: string | undefined;

  /** An invalid cursor is kept as it is: the server explains what is wrong with it. */
  constructor(cursor?: string) {
    this.#text = cursor;
    this.#cursor = cursor === undefined ? undefined : parseCursor(cursor);
  }

  /** Undefined until the first event. */
  get cursor(): string | undefined {
    return this.#text;
  }

  /** The final `done` was delivered. */
  get done(): boolean {
    return this.#cursor?.done ?? false;
  }

  /** Returns false for an entry that was delivered before. Otherwise moves to `cursor`, but never back within an epoch. */
  advance(event: LogStreamEvent, cursor: string): boolean {
    const next = parseCursor(cursor);
    if (next === undefined) return true;
    const current = this.#cursor;
    const sameLog = current?.epoch === next.epoch;
    if (event.type === 'log' && sameLog && current.seq >= next.seq) return false;
    if (!sameLog || next.seq > current.seq || next.done) this.#move(next, cursor);
    return true;
  }

  #move(cursor: Cursor, text: string): void {
    this.#cursor = cursor;
    this.#text = text;
  }
}
