import { z } from '@hono/zod-openapi';
import { launchChangesSchema, launchedRequestSchema } from '@launchlog/shared/launch-changes';
import { idempotencyKeySchema, launchRequestSchema } from '@launchlog/shared/launch-request';
import { nodeCountsSchema, nodeListQuerySchema, nodeSchema } from '@launchlog/shared/node';
import type { LaunchResult, Node } from '@launchlog/shared/node';
import type { RestRouteName } from '../../edge/access-table.js';
import { isHeavyList } from '../../node/page/heavy-list.js';
import type { AuthorizedLaunches } from '../../launch/authorized-launches.js';
import { parseField } from '../../edge/input-problem.js';
import { readJsonBody } from '../json-body.js';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { viewLaunch, viewNode, viewNodeStatus } from '../node-view.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestCall, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface NodeRouteOptions {
  readonly launches: Pick<
    AuthorizedLaunches,
    'launch' | 'get' | 'request' | 'list' | 'cancel' | 'terminate' | 'retry'
  >;
  readonly bodyMaxBytes: number;
}

const wireNode = snakeCaseSchema(nodeSchema).openapi('Node');
const launchAnswer = z
  .object({
    cluster_name: z.string(),
    node_id: z.uuid(),
    status: z.literal('launching'),
    endpoint_key: z.string().optional(),
  })
  .openapi('LaunchAnswer');
const nodeParam = z.object({ id: z.string().openapi({ description: 'Node id or cluster name' }) });
/** Secrets are not kept after a launch: a retry that needs some must provide them again. */
const retrySchema = launchChangesSchema.safeExtend({ secrets: launchRequestSchema.shape.secrets });
const idempotencyHeader = z.object({
  'Idempotency-Key': idempotencyKeySchema
    .optional()
    .openapi({ description: 'A repeated call with the same key and body gets the response of the first' }),
});

export function addNodeRoutes(app: RestApp, { launches, bodyMaxBytes }: NodeRouteOptions): void {
  app.add(LAUNCH, async (call) => {
    const request = await readJsonBody(call.incoming, launchRequestSchema, { maxBytes: bodyMaxBytes });
    return answerLaunch(call, await launches.launch(call.principal(), request, originOf(call)));
  });
  app.add(LIST, async (call) => {
    const query = readQuery(nodeListQuerySchema, call.query);
    const read = () => launches.list(call.principal(), query);
    const page = await (isHeavyList(query) ? app.runHeavyRead(call.principal(), read) : read());
    return call.context.json({
      nodes: page.nodes.map(viewNode),
      count: page.nodes.length,
      ...(page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor }),
      ...(page.counts === undefined ? {} : { counts: page.counts }),
    });
  });
  app.add(GET, async (call) =>
    call.context.json(viewNode(await launches.get(call.principal(), call.param('id')))),
  );
  app.add(STATUS, async (call) =>
    call.context.json(viewNodeStatus(await launches.get(call.principal(), call.param('id')))),
  );
  app.add(REQUEST, async (call) => {
    const { request, secretNames } = await launches.request(call.principal(), call.param('id'));
    return call.context.json({ request: snakeCaseKeys(request), secret_names: secretNames });
  });
  app.add(CANCEL, async (call) =>
    answerNode(call, await launches.cancel(call.principal(), call.param('id'))),
  );
  app.add(TERMINATE, async (call) =>
    answerNode(call, await launches.terminate(call.principal(), call.param('id'))),
  );
  app.add(RETRY, async (call) => {
    const { secrets, ...changes } = await readJsonBody(call.incoming, retrySchema, {
      maxBytes: bodyMaxBytes,
      optional: true,
    });
    const details = { secrets, changes, ...originOf(call) };
    return answerLaunch(call, await launches.retry(call.principal(), call.param('id'), details));
  });
}

function action(route: RestRouteName, summary: string): RestRoute {
  return {
    route,
    summary,
    request: { params: nodeParam },
    responses: {
      202: jsonContent('The node as it is now; the change follows', wireNode),
    },
    errors: ['node_not_found', 'conflict'],
  };
}

const LAUNCH: RestRoute = {
  route: 'POST /admin/nodes/launch',
  summary: 'Launch a node',
  description: 'Responds at once. The launch continues, and the log of the node reports it.',
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(launchRequestSchema) } },
    },
  },
  responses: {
    202: jsonContent('Accepted; Location names the node', launchAnswer),
  },
  errors: ['invalid_request', 'invalid_json', 'conflict', 'payload_too_large', 'idempotency_mismatch'],
};
const LIST: RestRoute = {
  route: 'GET /admin/nodes',
  summary: 'List nodes, newest first or in another order',
  request: { query: snakeCaseSchema(nodeListQuerySchema) },
  responses: {
    200: jsonContent(
      'One page',
      z.object({
        nodes: z.array(wireNode),
        count: z.int(),
        next_cursor: z.string().optional(),
        counts: snakeCaseSchema(nodeCountsSchema).optional(),
      }),
    ),
  },
  errors: ['invalid_request'],
};
const GET: RestRoute = {
  route: 'GET /admin/nodes/{id}',
  summary: 'One node',
  request: { params: nodeParam },
  responses: {
    200: jsonContent('The node', wireNode),
  },
  errors: ['node_not_found'],
};
const STATUS: RestRoute = {
  ...GET,
  route: 'GET /admin/nodes/{id}/status',
  summary: 'The status of the launch of a node',
  responses: {
    200: jsonContent(
      'The status',
      z.object({
        node_id: z.uuid(),
        cluster_name: z.string(),
        status: z.string(),
        phase: z.string(),
        progress: z.int(),
      }),
    ),
  },
  errors: ['node_not_found'],
};
const CANCEL = action('POST /admin/nodes/{id}/cancel', 'Stop a launch and remove its cloud resources');
const TERMINATE = action('POST /admin/nodes/{id}/terminate', 'Remove the machine of a node');
const REQUEST: RestRoute = {
  ...GET,
  route: 'GET /admin/nodes/{id}/request',
  summary: 'What was asked for when the node was launched',
  description:
    'The request can be launched again as it is. It has the names of its secrets, not their values.',
  responses: {
    200: jsonContent(
      'The request',
      z.object({
        request: snakeCaseSchema(launchedRequestSchema.shape.request),
        secret_names: z.array(z.string()),
      }),
    ),
  },
};
const RETRY: RestRoute = {
  ...action('POST /admin/nodes/{id}/retry', 'Launch a new node with the request of this one'),
  description:
    'Each field of a launch that is given takes the place of that of the first launch; null takes it away.',
  request: {
    params: nodeParam,
    headers: idempotencyHeader,
    body: {
      required: false,
      content: { 'application/json': { schema: snakeCaseSchema(retrySchema).strict() } },
    },
  },
  responses: LAUNCH.responses,
  errors: [...(LAUNCH.errors ?? []), 'node_not_found'],
};

function originOf(call: RestCall) {
  const idempotencyKey = parseField(
    'Idempotency-Key',
    idempotencyKeySchema.optional(),
    call.context.req.header('Idempotency-Key'),
  );
  return { idempotencyKey, traceparent: call.context.req.header('traceparent') };
}

function answerLaunch(call: RestCall, reply: LaunchResult): Response {
  return call.context.json(viewLaunch(reply), 202, {
    Location: `/admin/nodes/${reply.node.id}`,
    ...(reply.replayed ? { 'Idempotency-Replayed': 'true' } : {}),
  });
}

function answerNode(call: RestCall, node: Node): Response {
  return call.context.json(viewNode(node), 202);
}
