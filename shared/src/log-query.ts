import { z } from 'zod';
import { cursorSchema } from './cursor.js';
import { logLevelSchema, logSourceSchema } from './log-entry.js';
import { phaseSchema } from './phase.js';
import { timestampSchema } from './timestamp.js';

export const TAIL_MAX = 10_000;
export const TAIL_DEFAULT = 100;
export const SEARCH_TEXT_MAX_CHARACTERS = 1_000;
export const REGEX_MAX_CHARACTERS = 500;

function count(max: number) {
  const error = `must be a whole number from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
}

/** Which entries are wanted. Several values of one filter mean any of them; different filters must all hold. */
export const logFilterSchema = z.strictObject({
  level: z.array(logLevelSchema).min(1).optional(),
  phase: z.array(phaseSchema).min(1).optional(),
  source: z.array(logSourceSchema).min(1).optional(),
  /** Text that `message` must contain, ignoring case. */
  q: z
    .string()
    .max(SEARCH_TEXT_MAX_CHARACTERS, { error: `must have at most ${SEARCH_TEXT_MAX_CHARACTERS} characters` })
    .optional(),
  /** RE2 expression that `message` must match; it has no look-around and no back-references, and runs in linear time. */
  regex: z
    .string()
    .max(REGEX_MAX_CHARACTERS, { error: `must have at most ${REGEX_MAX_CHARACTERS} characters` })
    .optional(),
  /** Inclusive. */
  since: timestampSchema('since').optional(),
  /** Inclusive. */
  until: timestampSchema('until').optional(),
});
export type LogFilter = z.output<typeof logFilterSchema>;

/** One page of history. A cursor overrides `tail` and `since`. */
export const logQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  /** The last so many of the matching entries. */
  tail: count(TAIL_MAX).default(TAIL_DEFAULT),
  cursor: cursorSchema.optional(),
  /** The most entries of one page that begins at a cursor. */
  limit: count(TAIL_MAX).default(1_000),
});
export type LogQueryInput = z.input<typeof logQuerySchema>;
export type LogQuery = z.output<typeof logQuerySchema>;

/** A stream: history first, then, with `follow`, what comes. */
export const logStreamQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  tail: count(TAIL_MAX).default(TAIL_DEFAULT),
  cursor: cursorSchema.optional(),
  follow: z.boolean({ error: 'must be true or false' }).default(true),
});
export type LogStreamQueryInput = z.input<typeof logStreamQuerySchema>;
export type LogStreamQuery = z.output<typeof logStreamQuerySchema>;
