import { z } from '@hono/zod-openapi';
import {
  accessTokenInputSchema,
  accessTokenSchema,
  tokenRotationSchema,
} from '@launchlog/shared/access-token';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { TokenService } from '../../auth/token-service.js';
import { parseId } from '../../edge/input-problem.js';
import { readJsonBody } from '../json-body.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface TokenRouteOptions {
  readonly tokens: Pick<TokenService, 'create' | 'list' | 'revoke' | 'rotate'>;
}

const BODY_MAX_BYTES = 16_384;
const wireToken = snakeCaseSchema(accessTokenSchema).openapi('AccessToken');

/** Named tokens, which administrators create, list and revoke. */
export function addTokenRoutes(app: RestApp, { tokens }: TokenRouteOptions): void {
  app.add(LIST, async (call) => {
    const listed = await tokens.list();
    return call.context.json({ tokens: listed.map(snakeCaseKeys), count: listed.length });
  });
  app.add(CREATE, async (call) => {
    const input = await readJsonBody(call.incoming, accessTokenInputSchema, { maxBytes: BODY_MAX_BYTES });
    const { accessToken, token } = await tokens.create(call.principal(), input);
    return call.context.json({ ...snakeCaseKeys(accessToken), token }, 201);
  });
  app.add(ROTATE, async (call) => {
    const id = parseId('token', call.param('id'));
    const input = await readJsonBody(call.incoming, tokenRotationSchema, {
      maxBytes: BODY_MAX_BYTES,
      optional: true,
    });
    const { accessToken, token } = await tokens.rotate(call.principal(), id, input);
    return call.context.json({ ...snakeCaseKeys(accessToken), token });
  });
  app.add(REVOKE, async (call) => {
    const id = parseId('token', call.param('id'));
    return call.context.json(snakeCaseKeys(await tokens.revoke(call.principal(), id)));
  });
}

const LIST: RestRoute = {
  route: 'GET /admin/tokens',
  summary: 'List the named tokens, newest first, including revoked and expired ones',
  responses: {
    200: jsonContent('All named tokens', z.object({ tokens: z.array(wireToken), count: z.int() })),
  },
};
const CREATE: RestRoute = {
  route: 'POST /admin/tokens',
  summary: 'Create a named token',
  description: 'Only this response contains the token itself: the server keeps its hash.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(accessTokenInputSchema) } },
    },
  },
  responses: {
    201: jsonContent('The token', wireToken.extend({ token: z.string() })),
  },
  errors: ['invalid_request', 'invalid_json', 'conflict', 'payload_too_large'],
};
const ROTATE: RestRoute = {
  route: 'POST /admin/tokens/{id}/rotate',
  summary: 'Give a named token a new secret',
  description:
    'Only this response contains it. The former secret is valid for `grace_seconds` more, a day by default; with 0 it ends ' +
    'at once.',
  request: {
    params: z.object({ id: z.uuid() }),
    body: { content: { 'application/json': { schema: snakeCaseSchema(tokenRotationSchema) } } },
  },
  responses: {
    200: jsonContent('The token', wireToken.extend({ token: z.string() })),
  },
  errors: ['invalid_request', 'invalid_json', 'not_found', 'payload_too_large'],
};
const REVOKE: RestRoute = {
  route: 'DELETE /admin/tokens/{id}',
  summary: 'Revoke a named token',
  description:
    'Ends its requests and open streams, at once on this server and within two seconds on the others.',
  request: { params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonContent('The token as it was', wireToken),
  },
  errors: ['not_found'],
};
