import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { mergedCursorSchema, mergedStreamQuerySchema } from '@launchlog/shared/merged-log';
import type { MergedLogEvent, MergedStreamQuery } from '@launchlog/shared/merged-log';
import type { StreamHandle } from '../../feed/feed-item.js';
import type { MergedFeed } from '../../merged-feed/merged-feed.js';
import type { MergedSink } from '../../merged-feed/merged-item.js';
import type { NodeOwner } from '../../node-owner.js';
import { requireVisible } from '../../principal.js';
import type { TrpcContext } from '../procedure.js';
import { mergedEvents } from './merged-stream-frames.js';

export const mergedStreamInputSchema = z.strictObject({
  ...mergedStreamQuerySchema.shape,
  /** Set by the client library when it resubscribes: the id of the last item it received. It overrides `cursor`. */
  lastEventId: mergedCursorSchema.nullish(),
});

interface MergedStreamCall {
  readonly merged: Pick<MergedFeed, 'attach' | 'follow'>;
  readonly scope: NodeOwner;
  readonly input: z.output<typeof mergedStreamInputSchema>;
  readonly ctx: TrpcContext;
  readonly signal: AbortSignal | undefined;
}

/**
 * The result of a subscription to many logs. A socket attaches itself to the feed, and sends each batch as one piece; tRPC's
 * own handler would iterate over it.
 */
export class MergedLogStream implements AsyncIterable<TrackedEnvelope<MergedLogEvent>, void> {
  readonly #merged: MergedStreamCall['merged'];
  readonly #signal: AbortSignal;
  readonly #request: {
    readonly caller: string;
    readonly scope: NodeOwner;
    readonly query: MergedStreamQuery;
  };

  /** Throws where the caller may not see the scope. */
  constructor({ merged, scope, input, ctx, signal }: MergedStreamCall) {
    const { lastEventId, ...rest } = input;
    this.#merged = merged;
    this.#signal = signal ?? new AbortController().signal;
    this.#request = {
      caller: ctx.principal.tokenId ?? ctx.principal.name,
      scope: requireVisible(ctx.principal, scope),
      query: lastEventId ? { ...rest, cursor: lastEventId } : rest,
    };
  }

  /** Throws errors for the caller. */
  attach(sink: MergedSink): StreamHandle {
    return this.#merged.attach({ ...this.#request, sink });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrackedEnvelope<MergedLogEvent>, void> {
    for await (const batch of this.#merged.follow(this.#request, this.#signal)) {
      for (const item of batch) {
        for (const event of mergedEvents(item)) yield tracked(item.cursor, event);
      }
    }
  }
}
