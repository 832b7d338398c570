import { z } from 'zod';
import { cursorSchema } from './cursor.js';
import type { Gap, Reset } from './event.js';
import { filledList, flag, text, timestampSchema, wholeNumber } from './field-rule.js';
import { logLevelSchema, logSourceSchema } from './log-entry.js';
import type { LogEntry } from './log-entry.js';
import { phaseSchema } from './phase.js';

export const TAIL_MAX = 10_000;
export const TAIL_DEFAULT = 100;
export const SEARCH_TEXT_MAX_CHARACTERS = 1_000;
export const REGEX_MAX_CHARACTERS = 500;

/** Selects entries. Several values of one filter mean any of them; different filters must all match. */
export const logFilterSchema = z.strictObject({
  level: filledList(logLevelSchema).optional(),
  phase: filledList(phaseSchema).optional(),
  source: filledList(logSourceSchema).optional(),
  /** Text that `message` must contain, ignoring case. */
  q: text(SEARCH_TEXT_MAX_CHARACTERS).optional(),
  /** RE2 expression that `message` must match. RE2 runs in linear time and has no look-around and no back-references. */
  regex: text(REGEX_MAX_CHARACTERS).optional(),
  /** Inclusive. */
  since: timestampSchema.optional(),
  /** Inclusive. */
  until: timestampSchema.optional(),
});
export type LogFilter = z.output<typeof logFilterSchema>;

/** One page of history. A cursor overrides `tail` and `since`. */
export const logQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  /** How many of the matching entries to return, counted from the end. */
  tail: wholeNumber(1, TAIL_MAX).default(TAIL_DEFAULT),
  cursor: cursorSchema.optional(),
  /** The most entries of one page that begins at a cursor. */
  limit: wholeNumber(1, TAIL_MAX).default(1_000),
});
export type LogQueryInput = z.input<typeof logQuerySchema>;
export type LogQuery = z.output<typeof logQuerySchema>;

/** One page of history, oldest first. */
export interface LogPage {
  readonly nodeId: string;
  readonly count: number;
  readonly logs: readonly LogEntry[];
  /** Pass it as `cursor` to get the next page, or to follow the log from there. */
  readonly nextCursor: string;
  /** The entries between the given cursor and the first entry of this page are gone. */
  readonly gap?: Gap | undefined;
  /** The log that the cursor belongs to is gone; this page begins the new log. */
  readonly reset?: Reset | undefined;
}

/** A stream: history first, then, with `follow`, new entries. */
export const logStreamQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  /** How many entries, as in a page of history. 0: only what is new. */
  tail: wholeNumber(0, TAIL_MAX).default(TAIL_DEFAULT),
  cursor: cursorSchema.optional(),
  follow: flag().default(true),
});
export type LogStreamQueryInput = z.input<typeof logStreamQuerySchema>;
export type LogStreamQuery = z.output<typeof logStreamQuerySchema>;
