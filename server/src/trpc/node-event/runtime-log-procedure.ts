import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import type { RuntimeLogEvent } from '@launchlog/shared/event';
import { runtimeLogQuerySchema } from '@launchlog/shared/event';
import { nodeNameSchema } from '@launchlog/shared/launch-request';
import type { Node } from '@launchlog/shared/node';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { RuntimeLogs } from '../../runtime-log/runtime-logs.js';
import type { TrpcContext } from '../procedure.js';
import { atPaceOf } from '../subscriber.js';

export const runtimeLogInputSchema = z.strictObject({
  nodeId: nodeNameSchema,
  ...runtimeLogQuerySchema.shape,
  /** Set by the client library when it resubscribes. Nothing is stored: the output begins with its tail again. */
  lastEventId: z.string().nullish(),
});

interface RuntimeLogCall {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly runtimeLogs: Pick<RuntimeLogs, 'check' | 'follow'>;
  readonly input: z.output<typeof runtimeLogInputSchema>;
  readonly ctx: TrpcContext;
  readonly signal: AbortSignal | undefined;
}

/** The resolver of `nodes.runtimeLogs`. Rejects if the output cannot be read. */
export async function streamRuntimeLogs(
  call: RuntimeLogCall,
): Promise<AsyncIterable<TrackedEnvelope<RuntimeLogEvent>, void>> {
  const node = await call.launches.get(call.ctx.principal, call.input.nodeId);
  call.runtimeLogs.check(node);
  return linesOf(node, call);
}

async function* linesOf(
  node: Node,
  { runtimeLogs, input, ctx, signal = new AbortController().signal }: RuntimeLogCall,
): AsyncGenerator<TrackedEnvelope<RuntimeLogEvent>, void> {
  const { nodeId: _, lastEventId: __, ...query } = input;
  const items = runtimeLogs.follow(node, query, signal);
  let count = 0;
  for await (const event of atPaceOf(ctx.subscriber, items, signal)) {
    count += 1;
    yield tracked(String(count), event);
  }
}
