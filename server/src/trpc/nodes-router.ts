import { tracked } from '@trpc/server';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import type { Gap, LogStreamEvent, Reset } from '@launchlog/shared/event';
import { launchRequestSchema, nodeIdSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { logQuerySchema, logStreamQuerySchema } from '@launchlog/shared/log-query';
import type { LogQuery, LogStreamQuery } from '@launchlog/shared/log-query';
import { cursorSchema } from '@launchlog/shared/cursor';
import { nodeListQuerySchema } from '@launchlog/shared/node';
import type { Node, NodeListQuery } from '@launchlog/shared/node';
import type { FeedBatch } from '../log/feed-item.js';
import { streamEvents } from './log-stream-event.js';
import { procedureFor, router } from './procedure.js';

/** What the procedures need of the rest of the server. */
export interface NodesRouterServices {
  readonly launches: {
    launch(request: LaunchRequest, context: CallContext): Promise<LaunchAnswer>;
    get(idOrClusterName: string): Promise<Node>;
    list(query: NodeListQuery): Promise<NodePage>;
    cancel(id: string, context: CallContext): Promise<Node>;
    terminate(id: string, context: CallContext): Promise<Node>;
    retry(id: string, context: CallContext): Promise<LaunchAnswer>;
  };
  readonly readLogs: (nodeId: string, query: LogQuery) => Promise<LogPage>;
  readonly feed: {
    follow(nodeId: string, query: LogStreamQuery, signal: AbortSignal): AsyncIterable<FeedBatch>;
  };
}

export interface CallContext {
  readonly actor: string;
  readonly idempotencyKey?: string | undefined;
}

export interface LaunchAnswer {
  readonly node: Node;
  /** The idempotency key had been seen before: this is the node of that first call. */
  readonly replayed: boolean;
}

export interface NodePage {
  readonly nodes: Node[];
  readonly nextCursor?: string;
}

export interface LogPage {
  readonly entries: LogEntry[];
  readonly nextCursor: string;
  readonly gap?: Gap;
  readonly reset?: Reset;
}

/** One page of history, as `nodes.logs` answers. */
export interface LogsAnswer extends Omit<LogPage, 'entries'> {
  readonly nodeId: string;
  readonly count: number;
  readonly logs: LogEntry[];
}

const idempotencyKeySchema = z
  .string({ error: 'must be a string' })
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must have 1 to 255 printable ASCII characters without spaces' })
  .optional();

/** A node's id or, for reading, its cluster name. */
const nodeNameSchema = z
  .string({ error: 'must be a string' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, { error: 'must be a node id or a cluster name' });

const launchInput = launchRequestSchema.safeExtend({ idempotencyKey: idempotencyKeySchema });
const nodeInput = z.strictObject({ id: nodeNameSchema });
const nodeActionInput = z.strictObject({ id: nodeIdSchema });
const retryInput = z.strictObject({ id: nodeIdSchema, idempotencyKey: idempotencyKeySchema });
const logsInput = z.strictObject({ nodeId: nodeIdSchema, ...logQuerySchema.shape });
const logsStreamInput = z.strictObject({
  nodeId: nodeIdSchema,
  ...logStreamQuerySchema.shape,
  /** Set by the client library when it subscribes again: the id of the last item it had. It beats `cursor`. */
  lastEventId: cursorSchema.nullish(),
});

const mayRead = procedureFor('nodes:read');
const mayWrite = procedureFor('nodes:write');
const mayReadLogs = procedureFor('logs:read');

export function createNodesRouter({ launches, readLogs, feed }: NodesRouterServices) {
  return router({
    launch: mayWrite.input(launchInput).mutation(({ input, ctx }) => {
      const { idempotencyKey, ...request } = input;
      return launches.launch(request, { actor: ctx.principal.name, idempotencyKey });
    }),
    get: mayRead.input(nodeInput).query(({ input }) => launches.get(input.id)),
    list: mayRead
      .input(nodeListQuerySchema.default({ limit: 100 }))
      .query(({ input }) => launches.list(input)),
    cancel: mayWrite
      .input(nodeActionInput)
      .mutation(({ input, ctx }) => launches.cancel(input.id, { actor: ctx.principal.name })),
    terminate: mayWrite
      .input(nodeActionInput)
      .mutation(({ input, ctx }) => launches.terminate(input.id, { actor: ctx.principal.name })),
    retry: mayWrite
      .input(retryInput)
      .mutation(({ input, ctx }) =>
        launches.retry(input.id, { actor: ctx.principal.name, idempotencyKey: input.idempotencyKey }),
      ),
    logs: mayReadLogs.input(logsInput).query(async ({ input }): Promise<LogsAnswer> => {
      const { nodeId, ...query } = input;
      const node = await launches.get(nodeId);
      const { entries, ...place } = await readLogs(node.id, query);
      return { nodeId: node.id, count: entries.length, logs: entries, ...place };
    }),
    logsStream: mayReadLogs.input(logsStreamInput).subscription(async function* ({
      input,
      signal,
    }): AsyncGenerator<TrackedEnvelope<LogStreamEvent>> {
      const { nodeId, lastEventId, ...query } = input;
      const node = await launches.get(nodeId);
      const resumed =
        lastEventId === undefined || lastEventId === null ? query : { ...query, cursor: lastEventId };
      for await (const batch of feed.follow(node.id, resumed, signal ?? new AbortController().signal)) {
        for (const item of batch) {
          for (const event of streamEvents(item)) yield tracked(item.cursor, event);
        }
      }
    }),
  });
}
