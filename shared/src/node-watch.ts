import { z } from 'zod';
import { noticeSchema } from './event.js';
import { nodeCountsSchema, nodeListQuerySchema, nodeSchema } from './node.js';

/**
 * Selects, orders and counts nodes like the list does. The snapshot has the first `limit` of them. With `sort` or `counts`
 * the watch also keeps this window up to date.
 */
export const nodeWatchQuerySchema = nodeListQuerySchema.omit({ cursor: true });
export type NodeWatchQueryInput = z.input<typeof nodeWatchQuerySchema>;
export type NodeWatchQuery = z.output<typeof nodeWatchQuerySchema>;

/**
 * An item of `nodes.watch`. Every event describes the present state, not a change: an event that arrives twice changes
 * nothing, and of several changes in a row only the last may be sent.
 */
export const nodeWatchEventSchema = z.discriminatedUnion('type', [
  /** Replaces everything that was sent before. */
  z.object({
    type: z.literal('snapshot'),
    nodes: z.array(nodeSchema),
    /** There are nodes beyond the limit. */
    more: z.boolean(),
    /** Where the query asked for them. */
    counts: nodeCountsSchema.optional(),
  }),
  /** A new or changed node that matches, in the window or not. */
  z.object({ type: z.literal('node'), node: nodeSchema }),
  /** The node no longer matches the query. */
  z.object({ type: z.literal('gone'), nodeId: z.uuid() }),
  /**
   * The first `limit` nodes in their order, and the counts, where the query has `sort` or `counts`. It follows the nodes
   * that it names, about a second after a change; of several changes in a row only the last may be sent.
   */
  z.object({
    type: z.literal('window'),
    nodeIds: z.array(z.uuid()),
    more: z.boolean(),
    counts: nodeCountsSchema.optional(),
  }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
]);
export type NodeWatchEvent = z.infer<typeof nodeWatchEventSchema>;
