import { z } from 'zod';
import { logEntrySchema } from './log-entry.js';
import { etaSchema, failureReasonSchema } from './node.js';
import { phaseSchema, progressSchema } from './phase.js';

/** Entries between the reader's place and the first one held are gone; the log is the same. Both ends inclusive. */
export const gapSchema = z.object({
  from_seq: z.int(),
  to_seq: z.int(),
  reason: z.enum(['trimmed', 'expired']),
});
export type Gap = z.infer<typeof gapSchema>;

/** The log the reader knew is gone. All that is held of the new one follows. */
export const resetSchema = z.object({
  reason: z.enum(['cleared', 'lost', 'expired']),
  /** Of the log that stands there now; the unborn epoch while none has begun. */
  epoch: z.string(),
});
export type Reset = z.infer<typeof resetSchema>;

/** Where the launch stands: sent first on every connect and again on each change. */
export const statusEventSchema = z.object({
  phase: phaseSchema,
  /** Percent; absent where unknown, never null. */
  progress: progressSchema.optional(),
  message: z.string(),
  eta: etaSchema.optional(),
});
export type StatusEvent = z.infer<typeof statusEventSchema>;

/** An entry of level error, for readers that only listen for errors. */
export const errorEventSchema = z.object({ error: z.string(), details: z.string(), phase: phaseSchema });
export type ErrorEvent = z.infer<typeof errorEventSchema>;

/** Something readers should know that is not part of the log, for example that the store is away. */
export const noticeSchema = z.object({ code: z.string(), message: z.string() });
export type Notice = z.infer<typeof noticeSchema>;

/** The end. With `follow=false` on a running launch the status is that of the moment, and it is no end. */
export const doneSchema = z.object({
  status: z.enum(['active', 'failed', 'launching', 'terminating', 'terminated']),
  /** Base URL of the model server. */
  endpoint: z.string().optional(),
  reason: failureReasonSchema.optional(),
  message: z.string(),
});
export type Done = z.infer<typeof doneSchema>;

/** What `nodes.logsStream` yields; the tracked id beside it is the cursor after it. */
export const logStreamEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log'), entry: logEntrySchema }),
  z.object({ type: z.literal('status'), status: statusEventSchema }),
  z.object({ type: z.literal('gap'), gap: gapSchema }),
  z.object({ type: z.literal('reset'), reset: resetSchema }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
  z.object({ type: z.literal('done'), done: doneSchema }),
]);
export type LogStreamEvent = z.infer<typeof logStreamEventSchema>;
