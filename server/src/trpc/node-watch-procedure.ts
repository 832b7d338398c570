import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { opaqueCursor } from '@launchlog/shared/cursor';
import { nodeWatchQuerySchema } from '@launchlog/shared/node-watch';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { NodeWatch } from '../node/node-watch.js';
import { requireVisible } from '../principal.js';
import type { TrpcContext } from './procedure.js';
import { atPaceOf } from './subscriber.js';

export const nodeWatchInputSchema = z.strictObject({
  ...nodeWatchQuerySchema.shape,
  /** Set by the client library when it resubscribes. */
  lastEventId: opaqueCursor(20).nullish(),
});

interface NodeWatchCall {
  readonly watch: Pick<NodeWatch, 'watch'>;
  readonly input: z.output<typeof nodeWatchInputSchema>;
  readonly ctx: TrpcContext;
  readonly signal: AbortSignal | undefined;
}

/** The resolver of `nodes.watch`. */
export async function* streamNodes(call: NodeWatchCall): AsyncGenerator<TrackedEnvelope<NodeWatchEvent>> {
  const { watch, input, ctx, signal = new AbortController().signal } = call;
  const { lastEventId, ...asked } = input;
  const query = requireVisible(ctx.principal, asked);
  const items = watch.watch(query, lastEventId ?? undefined, signal);
  for await (const { cursor, event } of atPaceOf(ctx.subscriber, items, signal)) yield tracked(cursor, event);
}
