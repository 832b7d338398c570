import { z } from '@hono/zod-openapi';
import { resetSchema, runtimeLogQuerySchema } from '@launchlog/shared/event';
import { nodeEventQuerySchema, nodeEventSchema } from '@launchlog/shared/node-event';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import type { NodeEventFeed } from '../../node/event/node-event-feed.js';
import { readQuery } from '../query-params.js';
import { eventStreamContent, NODE_EVENTS, RUNTIME_EVENTS } from '../sse/event-stream-content.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface NodeEventRouteOptions {
  readonly launches: Pick<AuthorizedLaunches, 'get'>;
  readonly events: Pick<NodeEventFeed, 'page'>;
}

const nodeParam = z.object({ id: z.string().openapi({ description: 'Node id or cluster name' }) });
const wireEvent = snakeCaseSchema(nodeEventSchema).openapi('NodeEvent');

export function addNodeEventRoutes(app: RestApp, { launches, events }: NodeEventRouteOptions): void {
  app.add(LIST, async (call) => {
    const query = readQuery(nodeEventQuerySchema, call.query);
    const node = await launches.get(call.principal(), call.param('id'));
    const page = await events.page(node.id, query);
    return call.context.json({
      node_id: page.nodeId,
      count: page.count,
      events: page.events,
      next_cursor: page.nextCursor,
      ...(page.reset === undefined ? {} : { reset: page.reset }),
    });
  });
  app.describe(STREAM);
  app.describe(RUNTIME_STREAM);
}

const LIST: RestRoute = {
  route: 'GET /admin/nodes/{id}/events',
  summary: 'What happened to a node, oldest first',
  request: { params: nodeParam, query: snakeCaseSchema(nodeEventQuerySchema) },
  responses: {
    200: jsonContent(
      'One page; the next page, or a stream, begins at `next_cursor`',
      z.object({
        node_id: z.uuid(),
        count: z.int(),
        events: z.array(wireEvent),
        next_cursor: z.string(),
        reset: resetSchema.optional(),
      }),
    ),
  },
  errors: ['node_not_found', 'invalid_request'],
};

const STREAM: RestRoute = {
  route: 'GET /admin/nodes/{id}/events/stream',
  summary: 'What happened to a node, then what happens, as server-sent events',
  description:
    'Events `event` (with an `id`), `reset` and `notice`. It has no end of its own: reconnect with the last id.',
  request: { params: nodeParam, query: snakeCaseSchema(nodeEventQuerySchema.pick({ cursor: true })) },
  responses: {
    200: eventStreamContent('NodeEventStream', NODE_EVENTS),
  },
  errors: ['node_not_found', 'invalid_request'],
};

const RUNTIME_STREAM: RestRoute = {
  route: 'GET /admin/nodes/{id}/runtime-logs/stream',
  summary: 'What the job of a running node prints, as server-sent events',
  description:
    'Events `line` (without an `id`: nothing is stored) and, at the end, `done`. It is read from the machine while the stream is open.',
  request: { params: nodeParam, query: snakeCaseSchema(runtimeLogQuerySchema) },
  responses: {
    200: eventStreamContent('RuntimeLogStream', RUNTIME_EVENTS),
  },
  errors: ['node_not_found', 'invalid_request', 'conflict'],
};
