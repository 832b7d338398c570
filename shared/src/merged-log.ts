import { z } from 'zod';
import { OPAQUE_CURSOR_FAULT, opaqueCursor } from './cursor.js';
import { doneSchema, gapSchema, noticeSchema, resetSchema, statusEventSchema } from './event.js';
import { flag } from './field-rule.js';
import { logEntrySchema } from './log-entry.js';
import { logFilterSchema, logStreamQuerySchema } from './log-query.js';

/** Logs that one merged stream reads at once; further nodes wait until one of these has ended. */
export const MERGED_NODES_MAX = 1_000;
const MERGED_CURSOR_MAX_CHARACTERS = 4_096;

/**
 * A position in a merged stream, that is, one for each node, and the nodes that are still to come. It is the short name of
 * a place that the servers keep, or, as in 0.1.0, holds the position itself. Opaque to clients.
 */
export const mergedCursorSchema = opaqueCursor(MERGED_CURSOR_MAX_CHARACTERS).regex(/^[A-Za-z0-9_-]+$/, {
  error: OPAQUE_CURSOR_FAULT,
});

/** A stream of many logs. `tail` counts the entries of all of them together; a cursor overrides it. */
export const mergedStreamQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  tail: logStreamQuerySchema.shape.tail,
  cursor: mergedCursorSchema.optional(),
  follow: logStreamQuerySchema.shape.follow,
  /** Adds the notices `history_loading` and `history_complete`, before and after the lines that were there already. */
  announceHistory: flag().default(false),
});
export type MergedStreamQueryInput = z.input<typeof mergedStreamQuerySchema>;
export type MergedStreamQuery = z.output<typeof mergedStreamQuerySchema>;

/** An item of `deployments.logsStream` and `logs.streamAll`; its tracked id is the cursor after it. */
export const mergedLogEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log'), nodeId: z.uuid(), entry: logEntrySchema }),
  z.object({ type: z.literal('status'), nodeId: z.uuid(), status: statusEventSchema }),
  z.object({ type: z.literal('gap'), nodeId: z.uuid(), gap: gapSchema }),
  z.object({ type: z.literal('reset'), nodeId: z.uuid(), reset: resetSchema }),
  /** Without a node the notice is about the whole stream. */
  z.object({ type: z.literal('notice'), nodeId: z.uuid().optional(), notice: noticeSchema }),
  /** The log of this node has ended; the stream continues with the others. */
  z.object({ type: z.literal('done'), nodeId: z.uuid(), done: doneSchema }),
  /** Only with `follow=false`: everything has been sent. */
  z.object({ type: z.literal('end'), message: z.string() }),
]);
export type MergedLogEvent = z.infer<typeof mergedLogEventSchema>;
