import { z } from '@hono/zod-openapi';
import { launchEstimateSchema, launchOfferSchema } from '@launchlog/shared/cost/launch-estimate';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { LaunchEstimates } from '../../estimate/launch-estimates.js';
import { requireVisible } from '../../principal.js';
import { readJsonBody } from '../json-body.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface EstimateRouteOptions {
  readonly estimates: Pick<LaunchEstimates, 'estimate'>;
  readonly bodyMaxBytes: number;
}

const wireOffer = z.object(launchOfferSchema.shape).openapi('LaunchOffer');
const wireEstimate = snakeCaseSchema(launchEstimateSchema)
  .extend({ offers: z.array(wireOffer) })
  .openapi('LaunchEstimate');

export function addEstimateRoutes(app: RestApp, { estimates, bodyMaxBytes }: EstimateRouteOptions): void {
  app.add(ESTIMATE, async (call) => {
    const request = await readJsonBody(call.incoming, launchRequestSchema, { maxBytes: bodyMaxBytes });
    const estimate = await estimates.estimate(request, requireVisible(call.principal(), request));
    return call.context.json(snakeCaseKeys(estimate));
  });
}

const ESTIMATE: RestRoute = {
  route: 'POST /admin/nodes/estimate',
  summary: 'What a launch would get and cost now; nothing is launched',
  description:
    'Takes the body of a launch. Asks SkyPilot for its offers, which takes some seconds, and adds how earlier launches ' +
    'went at each place: of the deployment and tenant in the request where it names them, else of all.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(launchRequestSchema) } },
    },
  },
  responses: {
    200: jsonContent('Offers, the one that would be tried first before the others', wireEstimate),
  },
  errors: ['invalid_request', 'invalid_json', 'payload_too_large', 'unavailable'],
};
