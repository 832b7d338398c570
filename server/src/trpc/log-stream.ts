import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import { cursorSchema } from '@launchlog/shared/cursor';
import type { LogStreamEvent } from '@launchlog/shared/event';
import { nodeNameSchema } from '@launchlog/shared/launch-request';
import { logStreamQuerySchema } from '@launchlog/shared/log-query';
import type { LogStreamQuery } from '@launchlog/shared/log-query';
import type { LogFeed } from '../feed/log-feed.js';
import type { AuthorizedLaunches } from '../launch/authorized-launches.js';
import type { Principal } from '../principal.js';
import { streamEvents } from './log-stream-event.js';
import { atPaceOf } from './subscriber.js';
import type { Subscriber } from './subscriber.js';

export const logStreamInputSchema = z.strictObject({
  nodeId: nodeNameSchema,
  ...logStreamQuerySchema.shape,
  /** Set by the client library when it resubscribes: the id of the last item it received. It overrides `cursor`. */
  lastEventId: cursorSchema.nullish(),
});

interface LogStreamServices {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly feed: Pick<LogFeed, 'follow'>;
}

interface LogStreamCall {
  readonly principal: Principal;
  readonly input: z.output<typeof logStreamInputSchema>;
  readonly subscriber: Subscriber | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * The result of `nodes.logsStream`. There are two ways to read it:
 *
 * - tRPC's own handler iterates over it.
 * - A socket attaches itself to the feed, at the position that `find` gives, and sends bytes that all sockets share.
 */
export class LogStream implements AsyncIterable<TrackedEnvelope<LogStreamEvent>, void> {
  readonly #services: LogStreamServices;
  readonly #call: LogStreamCall;

  constructor(services: LogStreamServices, call: LogStreamCall) {
    this.#services = services;
    this.#call = call;
  }

  /** Looks the node up. Rejects if there is none that the caller may see. */
  async find(): Promise<{ readonly nodeId: string; readonly query: LogStreamQuery }> {
    const { principal, input } = this.#call;
    const { nodeId, lastEventId, ...query } = input;
    const node = await this.#services.launches.get(principal, nodeId);
    return { nodeId: node.id, query: lastEventId ? { ...query, cursor: lastEventId } : query };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrackedEnvelope<LogStreamEvent>, void> {
    const { subscriber, signal = new AbortController().signal } = this.#call;
    const { nodeId, query } = await this.find();
    const batches = this.#services.feed.follow(nodeId, query, signal);
    for await (const batch of atPaceOf(subscriber, batches, signal)) {
      for (const item of batch) {
        for (const event of streamEvents(item)) yield tracked(item.cursor, event);
      }
    }
  }
}
