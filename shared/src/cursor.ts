import { z } from 'zod';

/** A position in one node's log: everything up to and including `seq` of `epoch` was delivered. */
export interface Cursor {
  /** 16 lower-case hexadecimal digits, random, new each time a log begins. */
  readonly epoch: string;
  /** 0 is the position before the first entry. */
  readonly seq: number;
  /** The terminal `done` was delivered too. */
  readonly done: boolean;
}

/** The epoch of a log that has not begun. A cursor of it never causes a `reset`. */
export const UNBORN_EPOCH = '0000000000000000';
export const ORIGIN: Cursor = { epoch: UNBORN_EPOCH, seq: 0, done: false };

const CURSOR_PATTERN = /^([0-9a-f]{16}):(0|[1-9][0-9]{0,13})(:done)?$/;

export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}:${cursor.seq}${cursor.done ? ':done' : ''}`;
}

/** Returns undefined for anything that is not exactly a cursor; sequence numbers stay below 10^14. */
export function parseCursor(text: string): Cursor | undefined {
  const match = CURSOR_PATTERN.exec(text);
  if (match === null) return undefined;
  const [, epoch = '', seq, done] = match;
  return { epoch, seq: Number(seq), done: done !== undefined };
}

const CURSOR_FAULT = "must be a cursor of the form '<16 hex digits>:<seq>' or '<16 hex digits>:<seq>:done'";
const CURSOR_MAX_CHARACTERS = 40;

export const cursorSchema = z
  .string({ error: CURSOR_FAULT })
  .max(CURSOR_MAX_CHARACTERS, { error: CURSOR_FAULT })
  .refine((text) => parseCursor(text) !== undefined, { error: CURSOR_FAULT });

/** The fault of every cursor whose form is the server's own business. */
export const OPAQUE_CURSOR_FAULT = 'must be a cursor from an earlier answer';

/** The cursor of a list, a search or a stream of many logs. Only the part of the server that issued it can read it. */
export function opaqueCursor(maxCharacters: number) {
  return z.string({ error: OPAQUE_CURSOR_FAULT }).max(maxCharacters, { error: OPAQUE_CURSOR_FAULT });
}
