import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import type { LogStreamEvent } from '@launchlog/shared/event';
import { launchChangesSchema } from '@launchlog/shared/launch-changes';
import { idempotencyKeySchema, launchRequestSchema, nodeNameSchema } from '@launchlog/shared/launch-request';
import { logQuerySchema } from '@launchlog/shared/log-query';
import type { LogPage } from '@launchlog/shared/log-query';
import { nodeListQuerySchema } from '@launchlog/shared/node';
import { nodeEventQuerySchema } from '@launchlog/shared/node-event';
import type { NodeEventPage } from '@launchlog/shared/node-event';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { LaunchEstimates } from '../estimate/launch-estimates.js';
import { isHeavyList } from '../node/page/heavy-list.js';
import type { LogFeed } from '../feed/log-feed.js';
import type { AuthorizedLaunches } from '../launch/authorized-launches.js';
import type { NodeLogStore } from '../log/log-store.js';
import type { NodeEventFeed } from '../node/event/node-event-feed.js';
import type { NodeWatch } from '../node/node-watch.js';
import { requireVisible } from '../principal.js';
import { getLogs, type LogPage as ReadPage } from '../search/log-page.js';
import { LogStream, logStreamInputSchema } from './log-stream.js';
import { nodeEventStreamInputSchema, streamNodeEvents } from './node-event/node-event-procedure.js';
import { runtimeLogInputSchema, streamRuntimeLogs } from './node-event/runtime-log-procedure.js';
import { nodeWatchInputSchema, NodeWatchStream } from './node-watch/node-watch-stream.js';
import type { RuntimeLogs } from '../runtime-log/runtime-logs.js';
import { procedureFor, router } from './procedure.js';

export interface NodesRouterServices {
  readonly launches: Pick<
    AuthorizedLaunches,
    'launch' | 'get' | 'request' | 'list' | 'cancel' | 'terminate' | 'retry'
  >;
  readonly logs: NodeLogStore;
  readonly feed: Pick<LogFeed, 'follow'>;
  readonly watch: Pick<NodeWatch, 'watch'>;
  readonly events: Pick<NodeEventFeed, 'page' | 'follow'>;
  readonly runtimeLogs: Pick<RuntimeLogs, 'check' | 'follow'>;
  readonly estimates: Pick<LaunchEstimates, 'estimate'>;
}

const launchInput = launchRequestSchema.safeExtend({ idempotencyKey: idempotencyKeySchema.optional() });
const nodeInput = z.strictObject({ id: nodeNameSchema });
const retryInput = launchChangesSchema.safeExtend({
  id: nodeNameSchema,
  /** The first launch's secrets are not kept and must be provided again. */
  secrets: launchRequestSchema.shape.secrets,
  idempotencyKey: idempotencyKeySchema.optional(),
});
const eventsInput = z.strictObject({ nodeId: nodeNameSchema, ...nodeEventQuerySchema.shape });
const logsInput = z.strictObject({ nodeId: nodeNameSchema, ...logQuerySchema.shape });

export function createNodesRouter(services: NodesRouterServices) {
  const { launches, feed, watch, estimates } = services;
  return router({
    launch: procedureFor('nodes.launch')
      .input(launchInput)
      .mutation(({ input, ctx }) => {
        const { idempotencyKey, ...request } = input;
        return launches.launch(ctx.principal, request, { idempotencyKey, traceparent: ctx.traceparent });
      }),
    /** Changes nothing. A query would put its input, which may have secrets, into the URL. */
    estimate: procedureFor('nodes.estimate')
      .input(launchRequestSchema)
      .mutation(({ input, ctx }) => estimates.estimate(input, requireVisible(ctx.principal, input))),
    get: procedureFor('nodes.get')
      .input(nodeInput)
      .query(({ input, ctx }) => launches.get(ctx.principal, input.id)),
    request: procedureFor('nodes.request')
      .input(nodeInput)
      .query(({ input, ctx }) => launches.request(ctx.principal, input.id)),
    list: procedureFor('nodes.list')
      .input(nodeListQuerySchema.prefault({ limit: 100 }))
      .query(({ input, ctx }) => {
        const read = () => launches.list(ctx.principal, input);
        return isHeavyList(input) && ctx.runHeavyRead !== undefined ? ctx.runHeavyRead(read) : read();
      }),
    ...actionProcedures(launches),
    logs: logsProcedure(services),
    ...eventProcedures(services),
    watch: procedureFor('nodes.watch', 'watch')
      .input(nodeWatchInputSchema)
      .subscription(({ input, ctx }): AsyncIterable<TrackedEnvelope<NodeWatchEvent>, void> => {
        const { lastEventId, ...asked } = input;
        return new NodeWatchStream(watch, requireVisible(ctx.principal, asked), lastEventId ?? undefined);
      }),
    logsStream: procedureFor('nodes.logsStream', 'log')
      .input(logStreamInputSchema)
      .subscription(({ input, ctx, signal }): AsyncIterable<TrackedEnvelope<LogStreamEvent>, void> => {
        const { principal, subscriber } = ctx;
        return new LogStream({ launches, feed }, { principal, input, subscriber, signal });
      }),
  });
}

function logsProcedure({ launches, logs }: Pick<NodesRouterServices, 'launches' | 'logs'>) {
  return procedureFor('nodes.logs')
    .input(logsInput)
    .query(async ({ input, ctx }): Promise<LogPage> => {
      const { nodeId, ...query } = input;
      const node = await launches.get(ctx.principal, nodeId);
      const read = () => getLogs(logs, node, query);
      const render = async ({ records, ...place }: ReadPage): Promise<LogPage> => {
        const page = (logs: readonly unknown[]) => ({ nodeId: node.id, count: logs.length, logs, ...place });
        const entries = () => page(records.map(({ entry }) => entry));
        return (await (ctx.parts?.hold(page(records)) ?? entries())) as LogPage;
      };
      return ctx.pages === undefined ? render(await read()) : ctx.pages.read(read, render);
    });
}

function actionProcedures(launches: NodesRouterServices['launches']) {
  return {
    cancel: procedureFor('nodes.cancel')
      .input(nodeInput)
      .mutation(({ input, ctx }) => launches.cancel(ctx.principal, input.id)),
    terminate: procedureFor('nodes.terminate')
      .input(nodeInput)
      .mutation(({ input, ctx }) => launches.terminate(ctx.principal, input.id)),
    retry: procedureFor('nodes.retry')
      .input(retryInput)
      .mutation(({ input, ctx }) => {
        const { id, secrets, idempotencyKey, ...changes } = input;
        return launches.retry(ctx.principal, id, {
          idempotencyKey,
          traceparent: ctx.traceparent,
          secrets,
          changes,
        });
      }),
  };
}

function eventProcedures({
  launches,
  events,
  runtimeLogs,
}: Pick<NodesRouterServices, 'launches' | 'events' | 'runtimeLogs'>) {
  return {
    runtimeLogs: procedureFor('nodes.runtimeLogs')
      .input(runtimeLogInputSchema)
      .subscription(({ input, ctx, signal }) =>
        streamRuntimeLogs({ launches, runtimeLogs, input, ctx, signal }),
      ),
    events: procedureFor('nodes.events')
      .input(eventsInput)
      .query(async ({ input, ctx }): Promise<NodeEventPage> => {
        const { nodeId, ...query } = input;
        const node = await launches.get(ctx.principal, nodeId);
        return events.page(node.id, query);
      }),
    eventsStream: procedureFor('nodes.eventsStream')
      .input(nodeEventStreamInputSchema)
      .subscription(({ input, ctx, signal }) => streamNodeEvents({ launches, events, input, ctx, signal })),
  };
}
