import { z } from 'zod';
import { cursorSchema } from './cursor.js';
import { noticeSchema, resetSchema } from './event.js';
import { wholeNumber } from './field-rule.js';

/**
 * What happened to a node, from its launch on. `seq` counts from 1 without holes. Kinds of a newer server may appear:
 * `message` is a sentence for people in any case.
 */
export const nodeEventSchema = z.object({
  seq: z.int(),
  timestamp: z.iso.datetime(),
  /** `launched attempt active failed cancelling health idle lost terminating terminated relaunch relaunched`. */
  kind: z.string(),
  message: z.string(),
  /** The facts behind the message: texts, numbers and flags. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type NodeEvent = z.infer<typeof nodeEventSchema>;

const NODE_EVENTS_MAX = 500;

/** Selects events after the cursor, oldest first; without one, from the first on. */
export const nodeEventQuerySchema = z.strictObject({
  cursor: cursorSchema.optional(),
  limit: wholeNumber(1, NODE_EVENTS_MAX).default(100),
});
export type NodeEventQueryInput = z.input<typeof nodeEventQuerySchema>;
export type NodeEventQuery = z.output<typeof nodeEventQuerySchema>;

/** One page. `nextCursor` is the position after it, also at the end: ask again from there for what comes later. */
export interface NodeEventPage {
  readonly nodeId: string;
  readonly count: number;
  readonly events: readonly NodeEvent[];
  readonly nextCursor: string;
  /** The events that the cursor counted are gone: this page begins with the first that there is. */
  readonly reset?: z.infer<typeof resetSchema> | undefined;
}

/** An item of `nodes.eventsStream`; its tracked id is the cursor after it. */
export const nodeEventItemSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: nodeEventSchema }),
  z.object({ type: z.literal('reset'), reset: resetSchema }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
]);
export type NodeEventItem = z.infer<typeof nodeEventItemSchema>;
