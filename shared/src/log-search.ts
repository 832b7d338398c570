import { z } from 'zod';
import { opaqueCursor } from './cursor.js';
import { filledList, labelSchema, storedIdSchema, tooLong, wholeNumber } from './field-rule.js';
import { logEntrySchema } from './log-entry.js';
import { logFilterSchema } from './log-query.js';

const SEARCH_LIMIT_MAX = 1_000;
const SEARCH_NODES_MAX = 100;

/** A search of the history of some nodes, of a deployment, or of all nodes; the newest nodes come first. */
export const logSearchQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  nodeId: filledList(storedIdSchema).max(SEARCH_NODES_MAX, tooLong(SEARCH_NODES_MAX)).optional(),
  deploymentId: labelSchema.optional(),
  /** How many hits one answer has at most. */
  limit: wholeNumber(1, SEARCH_LIMIT_MAX).default(100),
  /** `nextCursor` of an incomplete answer; opaque. */
  cursor: opaqueCursor(500).optional(),
});
export type LogSearchQueryInput = z.input<typeof logSearchQuerySchema>;
export type LogSearchQuery = z.output<typeof logSearchQuerySchema>;

/** Why there may be more hits: the time or the limit was reached, or logs could not be read. */
const searchPartSchema = z.enum(['time', 'limit', 'unavailable']);

export const logSearchHitSchema = z.object({
  nodeId: z.uuid(),
  clusterName: z.string(),
  entry: logEntrySchema,
  /** The entry's position in its node's log. */
  cursor: z.string(),
  /** Matches in `message`, as [from (inclusive), to (exclusive)] in UTF-16 units, such as `[[0, 5]]`; their number is at most 100. */
  highlights: z.array(z.array(z.int()).length(2)),
});
export type LogSearchHit = z.infer<typeof logSearchHitSchema>;

export const logSearchEndSchema = z.object({
  /** Every entry that is kept was searched. */
  complete: z.boolean(),
  partial: searchPartSchema.optional(),
  /** Pass it as `cursor` to continue; absent when complete. */
  nextCursor: z.string().optional(),
  scannedNodes: z.int(),
  scannedEntries: z.int(),
});
export type LogSearchEnd = z.infer<typeof logSearchEndSchema>;

/** One answer of `logs.search`. */
export interface LogSearchPage extends LogSearchEnd {
  readonly hits: readonly LogSearchHit[];
}
