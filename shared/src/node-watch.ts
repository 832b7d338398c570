import { z } from 'zod';
import { noticeSchema } from './event.js';
import { nodeListQuerySchema, nodeSchema } from './node.js';

/** Selects nodes like the list does; the snapshot has the newest `limit` of them. */
export const nodeWatchQuerySchema = nodeListQuerySchema.omit({ cursor: true });
export type NodeWatchQueryInput = z.input<typeof nodeWatchQuerySchema>;
export type NodeWatchQuery = z.output<typeof nodeWatchQuerySchema>;

/**
 * An item of `nodes.watch`. Every event describes the present state, not a change: an event that arrives twice changes
 * nothing, and of several changes in a row only the last may be sent.
 */
const nodeWatchEventSchema = z.discriminatedUnion('type', [
  /** Replaces everything that was sent before. */
  z.object({
    type: z.literal('snapshot'),
    nodes: z.array(nodeSchema),
    /** There are older nodes beyond the limit. */
    more: z.boolean(),
  }),
  /** A new or changed node. */
  z.object({ type: z.literal('node'), node: nodeSchema }),
  /** The node no longer matches the query. */
  z.object({ type: z.literal('gone'), nodeId: z.uuid() }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
]);
export type NodeWatchEvent = z.infer<typeof nodeWatchEventSchema>;
