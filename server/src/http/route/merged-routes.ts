import { z } from '@hono/zod-openapi';
import { mergedStreamQuerySchema } from '@launchlog/shared/merged-log';
import type { RestRouteName } from '../../edge/access-table.js';
import { eventStreamContent, MERGED_EVENTS } from '../sse/event-stream-content.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { CURSOR_PARAMS } from '../sse/resume-cursor.js';
import { snakeCaseSchema } from '../wire-schema.js';

/** Documents the streams of many nodes, whose requests are answered before they reach the router. */
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
      'The server-sent events of a single node, each with its `node_id`: `log` (its `id` is a cursor into all logs), ' +
      '`status`, `error`, `gap`, `reset`, `done`; `notice` concerns the whole stream, and `follow=false` ends with ' +
      '`end`. The stream reads launches that are running or ended within the last hour, up to 1,000 logs at once; ' +
      'others join when they begin. `tail` counts the entries of all nodes together. `Last-Event-ID` overrides `cursor`, which ' +
      'overrides `tail`. `announce_history` adds a `notice` before and after the lines that were there already.',
    request: {
      query: snakeCaseSchema(mergedStreamQuerySchema),
      headers: z.object({ 'Last-Event-ID': z.string().optional() }),
    },
    responses: {
      200: eventStreamContent('MergedStream', MERGED_EVENTS),
    },
    otherParams: CURSOR_PARAMS,
    errors: ['invalid_request', 'unavailable'],
  };
}
