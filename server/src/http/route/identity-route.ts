import { identitySchema } from '@launchlog/shared/identity';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { IdentityService } from '../../auth/identity-service.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface IdentityRouteOptions {
  readonly identities: Pick<IdentityService, 'describe'>;
}

/** Describes the credential of the request, of any kind and scope. */
export function addIdentityRoute(app: RestApp, { identities }: IdentityRouteOptions): void {
  app.add(WHOAMI, async (call) =>
    call.context.json(snakeCaseKeys(await identities.describe(call.principal()))),
  );
}

const WHOAMI: RestRoute = {
  route: 'GET /admin/whoami',
  summary: 'Who the credential belongs to, and what it may do',
  description: 'For every credential, whatever its scopes. The answer contains no secret.',
  responses: {
    200: jsonContent('The caller', snakeCaseSchema(identitySchema).openapi('Identity')),
  },
};
