import { z } from '@hono/zod-openapi';
import { mergedStreamQuerySchema } from '@launchlog/shared/merged-log';
import type { RestRouteName } from '../../edge/access-table.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { snakeCaseSchema } from '../wire-schema.js';

/** Documents the streams of many nodes, which are served before their requests come to the router. */
export function describeMergedRoutes(app: RestApp): void {
  app.describe(streamRoute('GET /admin/logs/stream', 'The logs of all nodes as they happen'));
  const ofDeployment = streamRoute(
    'GET /admin/deployments/{id}/logs/stream',
    'The logs of a deployment as they happen',
  );
  app.describe({
    ...ofDeployment,
    request: { ...ofDeployment.request, params: z.object({ id: z.string() }) },
  });
}

function streamRoute(route: RestRouteName, summary: string): RestRoute {
  return {
    route,
    summary,
    description:
      'Server-sent events as of a single node, each with its `node_id`: `log` (its `id` is the place in all logs), ' +
      '`status`, `error`, `gap`, `reset`, `done`; `notice` is about the whole stream, and with `follow=false` comes ' +
      '`end`. Launches that run or ended within the last hour are read, up to 64 logs at once; others join as they ' +
      'begin. `tail` counts the entries of all nodes together. `Last-Event-ID` beats `cursor`, which beats `tail`.',
    request: {
      query: snakeCaseSchema(mergedStreamQuerySchema),
      headers: z.object({ 'Last-Event-ID': z.string().optional() }),
    },
    responses: {
      200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } },
    },
    errors: ['invalid_request', 'unavailable'],
  };
}
