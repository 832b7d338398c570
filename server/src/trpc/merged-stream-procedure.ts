import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { mergedCursorSchema, mergedStreamQuerySchema } from '@launchlog/shared/merged-log';
import type { MergedLogEvent, MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { MergedFeed } from '../merged-feed/merged-feed.js';
import type { MergedBatch, MergedItem } from '../merged-feed/merged-item.js';
import type { NodeOwner } from '../node-owner.js';
import { requireVisible } from '../principal.js';
import { streamEvents } from './log-stream-event.js';
import type { TrpcContext } from './procedure.js';
import { atPaceOf } from './subscriber.js';

export const mergedStreamInputSchema = z.strictObject({
  ...mergedStreamQuerySchema.shape,
  /** Set by the client library when it resubscribes: the id of the last item it received. It overrides `cursor`. */
  lastEventId: mergedCursorSchema.nullish(),
});

interface MergedStreamCall {
  readonly merged: Pick<MergedFeed, 'follow'>;
  readonly scope: NodeOwner;
  readonly input: z.output<typeof mergedStreamInputSchema>;
  readonly ctx: TrpcContext;
  readonly signal: AbortSignal | undefined;
}

/** The resolver of the subscriptions to many logs. */
export async function* streamMerged(call: MergedStreamCall): AsyncGenerator<TrackedEnvelope<MergedLogEvent>> {
  const { merged, scope, input, ctx, signal = new AbortController().signal } = call;
  const { lastEventId, ...rest } = input;
  const query: MergedStreamQuery = lastEventId ? { ...rest, cursor: lastEventId } : rest;
  const caller = ctx.principal.tokenId ?? ctx.principal.name;
  const progress = ctx.subscriber && (() => ctx.subscriber?.progress() ?? 0);
  const items = itemsOf(
    merged.follow({ caller, scope: requireVisible(ctx.principal, scope), query, progress }, signal),
  );
  for await (const item of atPaceOf(ctx.subscriber, items, signal)) {
    for (const event of mergedEvents(item)) yield tracked(item.cursor, event);
  }
}

async function* itemsOf(batches: AsyncIterable<MergedBatch>): AsyncGenerator<MergedItem> {
  for await (const batch of batches) yield* batch;
}

/** The events of an item on the wire: those of a single log's stream, with the node. */
function mergedEvents(item: MergedItem): readonly MergedLogEvent[] {
  switch (item.kind) {
    case 'node':
      return streamEvents(item.item).map((event) => ({ ...event, nodeId: item.nodeId }));
    case 'notice':
      return [{ type: 'notice', notice: item.notice }];
    case 'end':
      return [{ type: 'end', message: item.message }];
  }
}
