import { z } from 'zod';
import { oneOf } from './field-rule.js';
import { phaseSchema, progressSchema } from './phase.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const logLevelSchema = oneOf(LOG_LEVELS);
export type LogLevel = z.infer<typeof logLevelSchema>;

export const LOG_SOURCES = ['orchestrator', 'skypilot', 'instance', 'vllm', 'simulator'] as const;
export const logSourceSchema = oneOf(LOG_SOURCES);
export type LogSource = z.infer<typeof logSourceSchema>;

/** Further facts. Flat, so that no serialiser on the way has to handle nested keys. */
export const logDetailsSchema = z.record(z.string(), z.union([z.string(), z.number()]));
export type LogDetails = z.infer<typeof logDetailsSchema>;

/** An entry before the log assigns its `seq`. */
export const logEntryDraftSchema = z.object({
  level: logLevelSchema,
  message: z.string(),
  phase: phaseSchema,
  source: logSourceSchema,
  /** Percent; absent where unknown, never null. */
  progress: progressSchema.optional(),
  details: logDetailsSchema.optional(),
});
export type LogEntryDraft = z.infer<typeof logEntryDraftSchema>;

/** One line of a node's log, as stored (JSON in the Redis list) and as sent. */
export const logEntrySchema = z.object({
  /** The number of the entry: 1, 2, 3 … within one epoch of one log, without holes. */
  seq: z.int().min(1),
  /** RFC 3339, milliseconds, UTC, by the writer's clock. For display only: the order is that of `seq`. */
  timestamp: z.iso.datetime({ precision: 3 }),
  ...logEntryDraftSchema.shape,
});
export type LogEntry = z.infer<typeof logEntrySchema>;
