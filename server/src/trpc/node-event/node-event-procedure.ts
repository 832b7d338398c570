import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { cursorSchema } from '@launchlog/shared/cursor';
import { nodeNameSchema } from '@launchlog/shared/launch-request';
import type { NodeEventItem } from '@launchlog/shared/node-event';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { NodeEventFeed } from '../../node/event/node-event-feed.js';
import type { TrpcContext } from '../procedure.js';
import { atPaceOf } from '../subscriber.js';

export const nodeEventStreamInputSchema = z.strictObject({
  nodeId: nodeNameSchema,
  /** Events after this position; without one, from the first on. */
  cursor: cursorSchema.optional(),
  /** Set by the client library when it resubscribes. */
  lastEventId: cursorSchema.nullish(),
});

interface NodeEventCall {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly events: Pick<NodeEventFeed, 'follow'>;
  readonly input: z.output<typeof nodeEventStreamInputSchema>;
  readonly ctx: TrpcContext;
  readonly signal: AbortSignal | undefined;
}

/** The resolver of `nodes.eventsStream`. */
export async function* streamNodeEvents(
  call: NodeEventCall,
): AsyncGenerator<TrackedEnvelope<NodeEventItem>, void> {
  const { launches, events, input, ctx, signal = new AbortController().signal } = call;
  const node = await launches.get(ctx.principal, input.nodeId);
  const items = events.follow(node.id, input.lastEventId ?? input.cursor, signal);
  for await (const { cursor, item } of atPaceOf(ctx.subscriber, items, signal)) yield tracked(cursor, item);
}
