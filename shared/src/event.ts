import { z } from 'zod';
import { flag, wholeNumber } from './field-rule.js';
import { logEntrySchema, logLevelSchema, logSourceSchema } from './log-entry.js';
import { etaSchema, failureReasonSchema } from './node.js';
import { phaseSchema, progressSchema } from './phase.js';

/**
 * Entries that are not kept any more, or that the log's store has lost to damage; the log is the same. Both ends are
 * inclusive. Later versions may add reasons.
 */
export const gapSchema = z.object({
  from_seq: z.int(),
  to_seq: z.int(),
  reason: z.enum(['trimmed', 'expired', 'damaged']),
});
export type Gap = z.infer<typeof gapSchema>;

/** The log that the reader knew is gone. All that is kept of the new one follows. */
export const resetSchema = z.object({
  reason: z.enum(['cleared', 'lost', 'expired']),
  /** Epoch of the present log; the unborn epoch until a new log begins. */
  epoch: z.string(),
});
export type Reset = z.infer<typeof resetSchema>;

/** The state of the launch: sent first on every connect and again on each change. */
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
export const noticeSchema = z.object({
  code: z.string(),
  message: z.string(),
  /**
   * `nodes_waiting`: how many live nodes the stream does not show yet. `history_loading`: from how many logs lines follow that
   * were there before. `history_complete`: how many lines these were.
   */
  count: z.int().optional(),
});
export type Notice = z.infer<typeof noticeSchema>;

/** The end of the stream. With `follow=false` on a running launch the status is the present one, and the log continues. */
export const doneSchema = z.object({
  status: z.enum(['active', 'failed', 'launching', 'terminating', 'terminated']),
  /** Base URL of the model server. */
  endpoint: z.string().optional(),
  reason: failureReasonSchema.optional(),
  message: z.string(),
  /** What a person would try after a failure. */
  hint: z.string().optional(),
});
export type Done = z.infer<typeof doneSchema>;

/** An item of `nodes.logsStream`; its tracked id is the cursor after it. */
export const logStreamEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log'), entry: logEntrySchema }),
  z.object({ type: z.literal('status'), status: statusEventSchema }),
  z.object({ type: z.literal('gap'), gap: gapSchema }),
  z.object({ type: z.literal('reset'), reset: resetSchema }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
  z.object({ type: z.literal('done'), done: doneSchema }),
]);
export type LogStreamEvent = z.infer<typeof logStreamEventSchema>;

const RUNTIME_TAIL_MAX = 1_000;

/** Selects output of a running node: the last lines, and with `follow` those that come. */
export const runtimeLogQuerySchema = z.strictObject({
  tail: wholeNumber(1, RUNTIME_TAIL_MAX).default(100),
  follow: flag().default(true),
});
export type RuntimeLogQuery = z.output<typeof runtimeLogQuerySchema>;
export type RuntimeLogQueryInput = z.input<typeof runtimeLogQuerySchema>;

/** A line that the job of a running node has printed. It is kept nowhere, and has no number. */
export const runtimeLineSchema = z.object({
  /** When it was read; the line may be older. */
  timestamp: z.iso.datetime(),
  level: logLevelSchema,
  source: logSourceSchema,
  message: z.string(),
});
export type RuntimeLine = z.infer<typeof runtimeLineSchema>;

/** The end: the output was complete, or it was cut. A reader that begins again gets its tail again. */
export const runtimeEndSchema = z.object({
  reason: z.enum(['ended', 'unavailable', 'max_age']),
  message: z.string(),
});

/** An item of `nodes.runtimeLogs`. */
export const runtimeLogEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('line'), line: runtimeLineSchema }),
  z.object({ type: z.literal('done'), done: runtimeEndSchema }),
]);
export type RuntimeLogEvent = z.infer<typeof runtimeLogEventSchema>;
