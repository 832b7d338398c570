import type { LogStreamEvent } from '@launchlog/shared/event';
import { parseCursor } from '@launchlog/shared/cursor';
import type { Cursor } from '@launchlog/shared/cursor';

/** How far one reader has come. It decides what is new to the reader and where to go on after a cut. */
export class FollowPlace {
  #cursor: Cursor | undefined;
  #text: string | undefined;

  /** A cursor that cannot be read is kept as it is: the server says what is wrong with it. */
  constructor(cursor?: string) {
    this.#text = cursor;
    this.#cursor = cursor === undefined ? undefined : parseCursor(cursor);
  }

  /** Undefined until the first event that has a place. */
  get cursor(): string | undefined {
    return this.#text;
  }

  /** The final `done` was delivered. */
  get done(): boolean {
    return this.#cursor?.done ?? false;
  }

  /** False for an entry that was delivered before. Otherwise the place moves to `cursor`, never back within an epoch. */
  advance(event: LogStreamEvent, cursor: string): boolean {
    const next = parseCursor(cursor);
    if (next === undefined) return true;
    const here = this.#cursor;
    const sameLog = here?.epoch === next.epoch;
    if (event.type === 'log' && sameLog && here.seq >= next.seq) return false;
    if (!sameLog || next.seq > here.seq || next.done) this.#move(next, cursor);
    return true;
  }

  #move(cursor: Cursor, text: string): void {
    this.#cursor = cursor;
    this.#text = text;
  }
}
