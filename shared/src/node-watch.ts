import { z } from 'zod';
import { noticeSchema } from './event.js';
import { nodeListQuerySchema, nodeSchema } from './node.js';

/** Which nodes are watched: as in the list; the snapshot holds the newest `limit` of them. */
export const nodeWatchQuerySchema = nodeListQuerySchema.omit({ cursor: true });
export type NodeWatchQueryInput = z.input<typeof nodeWatchQuerySchema>;
export type NodeWatchQuery = z.output<typeof nodeWatchQuerySchema>;

/**
 * What `nodes.watch` yields. Every event says how things are now, not what was done to them: one that is told twice
 * changes nothing, and of several changes in a row only the last may be told.
 */
export const nodeWatchEventSchema = z.discriminatedUnion('type', [
  /** All that was told before is void. */
  z.object({
    type: z.literal('snapshot'),
    nodes: z.array(nodeSchema),
    /** There are older ones beyond the limit. */
    more: z.boolean(),
  }),
  /** A new node, or one that has changed. */
  z.object({ type: z.literal('node'), node: nodeSchema }),
  /** The node does not match the query any more. */
  z.object({ type: z.literal('gone'), nodeId: z.uuid() }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
]);
export type NodeWatchEvent = z.infer<typeof nodeWatchEventSchema>;
