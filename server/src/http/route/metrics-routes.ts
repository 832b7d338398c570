import { z } from '@hono/zod-openapi';
import type { LaunchMetricsQuery } from '@launchlog/shared/launch-metrics';
import {
  launchMetricsGroupSchema,
  launchMetricsQuerySchema,
  launchMetricsSchema,
  usualPhasesQuerySchema,
  usualPhasesSchema,
} from '@launchlog/shared/launch-metrics';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { LaunchMetricsReader } from '../../metrics/launch-metrics.js';
import { requireVisible } from '../../principal.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface MetricsRouteOptions {
  readonly launchMetrics: LaunchMetricsReader;
}

const wireGroup = snakeCaseSchema(launchMetricsGroupSchema).openapi('LaunchMetricsGroup');
const wireMetrics = snakeCaseSchema(launchMetricsSchema)
  .extend({ total: wireGroup, groups: z.array(wireGroup) })
  .openapi('LaunchMetrics');
const wirePhases = snakeCaseSchema(usualPhasesSchema).openapi('UsualPhases');

export function addMetricsRoutes(app: RestApp, { launchMetrics }: MetricsRouteOptions): void {
  app.add(LAUNCHES, async (call) => {
    const query = requireVisible(call.principal(), readLaunchQuery(call.query));
    const { total, groups, ...rest } = await launchMetrics.launches(query);
    return call.context.json({
      ...snakeCaseKeys(rest),
      total: snakeCaseKeys(total),
      groups: groups.map(snakeCaseKeys),
    });
  });
  app.add(PHASES, async (call) => {
    const query = requireVisible(call.principal(), readQuery(usualPhasesQuerySchema, call.query));
    const usual = await launchMetrics.phases(query);
    return call.context.json(usual);
  });
}

/** An empty `group_by` is valid: it asks for the total alone. */
function readLaunchQuery(params: URLSearchParams): LaunchMetricsQuery {
  if (params.get('group_by') !== '') return readQuery(launchMetricsQuerySchema, params);
  const others = new URLSearchParams(params);
  others.delete('group_by');
  return { ...readQuery(launchMetricsQuerySchema, others), groupBy: [] };
}

const LAUNCHES: RestRoute = {
  route: 'GET /admin/metrics/launches',
  summary: 'Launch metrics: durations, success, failures, cost',
  description:
    'Launches requested from `since` (inclusive) to `until` (exclusive). `group_by` takes several names, separated by ' +
    'commas; if it is empty, there is only the total. Every distribution gives its sample count. A token that is bound ' +
    'to a deployment or tenant gets the numbers of its own launches.',
  request: { query: snakeCaseSchema(launchMetricsQuerySchema) },
  responses: {
    200: jsonContent('All launches together, and by group', wireMetrics),
  },
  errors: ['invalid_request', 'unavailable'],
};
const PHASES: RestRoute = {
  route: 'GET /admin/metrics/phases',
  summary: 'How long phases usually take on a provider and GPU',
  description: 'Over the latest 200 successful launches that the token may see.',
  request: { query: snakeCaseSchema(usualPhasesQuerySchema) },
  responses: {
    200: jsonContent('Seconds by phase', wirePhases),
  },
  errors: ['invalid_request', 'unavailable'],
};
