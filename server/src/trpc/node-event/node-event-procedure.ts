import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { cursorSchema } from '@launchlog/shared/cursor';
import { nodeNameSchema } from '@launchlog/shared/launch-request';
import type { NodeEventItem } from '@launchlog/shared/node-event';
import { FeedEndedError } from '../../feed/feed-item.js';
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

/** The resolver of `nodes.eventsStream`. Rejects if there is no node that the caller may see. */
export async function streamNodeEvents(
  call: NodeEventCall,
): Promise<AsyncIterable<TrackedEnvelope<NodeEventItem>, void>> {
  const node = await call.launches.get(call.ctx.principal, call.input.nodeId);
  return eventsOf(node.id, call);
}

async function* eventsOf(
  nodeId: string,
  { events, input, ctx, signal = new AbortController().signal }: NodeEventCall,
): AsyncGenerator<TrackedEnvelope<NodeEventItem>, void> {
  const items = endless(events.follow(nodeId, input.lastEventId ?? input.cursor, signal), signal);
  for await (const { cursor, item } of atPaceOf(ctx.subscriber, items, signal)) yield tracked(cursor, item);
}

/** The stream has no end of its own: after its maximum age the client continues with its last id. */
async function* endless<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item, void> {
  yield* items;
  if (!signal.aborted) throw new FeedEndedError('max_age');
}
