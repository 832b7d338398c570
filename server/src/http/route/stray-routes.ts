import { z } from '@hono/zod-openapi';
import { straySchema } from '@launchlog/shared/cost/stray';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { StrayService } from '../../stray/stray-service.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface StrayRouteOptions {
  readonly strays: Pick<StrayService, keyof StrayService>;
}

const wireStray = snakeCaseSchema(straySchema).openapi('Stray');

/** Clusters that no node accounts for. */
export function addStrayRoutes(app: RestApp, { strays }: StrayRouteOptions): void {
  app.add(LIST, async (call) => {
    const listed = await strays.list();
    return call.context.json({ strays: listed.map(snakeCaseKeys), count: listed.length });
  });
  app.add(TERMINATE, async (call) => {
    const stray = await strays.terminate(call.principal(), call.param('name'));
    return call.context.json(snakeCaseKeys(stray), 202);
  });
}

const LIST: RestRoute = {
  route: 'GET /admin/strays',
  summary:
    'List clusters that no node accounts for, and active nodes without their cluster, the longest known first',
  description:
    'One is listed once two looks in a row have seen it; SkyPilot is looked through every two minutes.',
  responses: { 200: jsonContent('All strays', z.object({ strays: z.array(wireStray), count: z.int() })) },
};
const TERMINATE: RestRoute = {
  route: 'POST /admin/strays/{name}/terminate',
  summary: 'Remove a stray cluster that is ours',
  description:
    'The removal takes minutes, and is tried again until it succeeds. Idempotent. A cluster without the label of this ' +
    'installation is never touched: 409.',
  request: { params: z.object({ name: z.string() }) },
  responses: { 202: jsonContent('It is being removed', wireStray) },
  errors: ['not_found', 'conflict'],
};
