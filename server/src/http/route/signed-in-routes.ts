import { z } from '@hono/zod-openapi';
import { sessionListQuerySchema, sessionSchema } from '@launchlog/shared/session';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { SessionService } from '../../auth/session/session-service.js';
import { parseId } from '../../edge/input-problem.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface SignedInRouteOptions {
  readonly sessions: Pick<SessionService, 'list' | 'end'>;
}

const wireSession = snakeCaseSchema(sessionSchema).openapi('SignedInSession');

/** Lists and ends sessions: callers their own, administrators all. */
export function addSignedInRoutes(app: RestApp, { sessions }: SignedInRouteOptions): void {
  app.add(LIST, async (call) => {
    const listed = await sessions.list(call.principal(), readQuery(sessionListQuerySchema, call.query));
    return call.context.json({ sessions: listed.map(snakeCaseKeys), count: listed.length });
  });
  app.add(END, async (call) => {
    const id = parseId('session', call.param('id'));
    return call.context.json(snakeCaseKeys(await sessions.end(call.principal(), id)));
  });
}

const LIST: RestRoute = {
  route: 'GET /admin/sessions',
  summary: 'List who is signed in, newest first',
  description: 'An administrator sees all sessions; everybody else sees their own.',
  request: { query: snakeCaseSchema(sessionListQuerySchema) },
  responses: {
    200: jsonContent('The sessions', z.object({ sessions: z.array(wireSession), count: z.int() })),
  },
  errors: ['invalid_request'],
};
const END: RestRoute = {
  route: 'DELETE /admin/sessions/{id}',
  summary: 'End a session, and everything that it has open',
  description: 'At once on this server, and within two seconds on the others.',
  request: { params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonContent('The session as it was', wireSession),
  },
  errors: ['not_found'],
};
