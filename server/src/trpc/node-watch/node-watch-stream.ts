import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { opaqueCursor } from '@launchlog/shared/cursor';
import { nodeWatchQuerySchema } from '@launchlog/shared/node-watch';
import type { NodeWatchEvent, NodeWatchQuery } from '@launchlog/shared/node-watch';
import type { NodeWatchItem } from '../../node/node-listener.js';
import type { NodeWatch } from '../../node/node-watch.js';

export const nodeWatchInputSchema = z.strictObject({
  ...nodeWatchQuerySchema.shape,
  /** Set by the client library when it resubscribes. */
  lastEventId: opaqueCursor(20).nullish(),
});

/**
 * The result of `nodes.watch`. A socket reads `batches`, and sends bytes that all sockets share; tRPC's own handler would
 * iterate over it.
 */
export class NodeWatchStream implements AsyncIterable<TrackedEnvelope<NodeWatchEvent>, void> {
  readonly #watch: Pick<NodeWatch, 'watch'>;
  readonly #query: NodeWatchQuery;
  readonly #resume: string | undefined;

  constructor(watch: Pick<NodeWatch, 'watch'>, query: NodeWatchQuery, resume: string | undefined) {
    this.#watch = watch;
    this.#query = query;
    this.#resume = resume;
  }

  /** Whether it may begin with changes instead of a snapshot. */
  get isResumed(): boolean {
    return this.#resume !== undefined;
  }

  batches(signal: AbortSignal): AsyncIterable<readonly NodeWatchItem[]> {
    return this.#watch.watch(this.#query, this.#resume, signal);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrackedEnvelope<NodeWatchEvent>, void> {
    for await (const batch of this.batches(new AbortController().signal)) {
      for (const { cursor, event } of batch) yield tracked(cursor, event);
    }
  }
}
