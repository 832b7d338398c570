import { z } from '@hono/zod-openapi';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { orchestratorKindSchema } from '@launchlog/shared/node';
import type { OrchestratorKind } from '@launchlog/shared/node';
import type { AuditLog } from '../../audit/audit-log.js';
import type { Authenticator } from '../../auth/authenticator.js';
import type { ConsoleSessions } from '../../auth/session/console-sessions.js';
import { timestampOf } from '../../clock.js';
import { holdsScope } from '../../principal.js';
import type { SingleSignOn } from '../../sign-in/single-sign-on.js';
import { readJsonBody } from '../json-body.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent } from '../wire-schema.js';

interface SessionRouteOptions {
  readonly authenticator: Authenticator;
  readonly sessions: ConsoleSessions;
  readonly audit: Pick<AuditLog, 'record'>;
  /** The orchestrator's kind, so that the console can show that launches are simulated before the first one. */
  readonly orchestrator?: OrchestratorKind;
  /** Single sign-on, where people also sign out at the issuer. */
  readonly signOn?: Pick<SingleSignOn, 'logoutUrl'> | undefined;
}

const SIGN_IN_BODY_MAX_BYTES = 4_096;
const signInSchema = z.strictObject({
  token: z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' }),
});
const sessionSchema = z.object({ name: z.string(), ends_at: z.iso.datetime().optional() });
/** Adds the orchestrator and the rights, so that the console offers only what is allowed. */
const shownSessionSchema = sessionSchema.extend({
  orchestrator: orchestratorKindSchema.optional(),
  may_launch: z.boolean(),
  deployment_id: z.string().optional(),
  tenant_id: z.string().optional(),
});

/** The console's sign-in: the user enters the token once, and the browser keeps a cookie that scripts cannot read. */
export function addSessionRoutes(app: RestApp, options: SessionRouteOptions): void {
  const { authenticator, sessions, orchestrator, audit, signOn } = options;
  app.add(SIGN_IN, async (call) => {
    const { token } = await readJsonBody(call.incoming, signInSchema, { maxBytes: SIGN_IN_BODY_MAX_BYTES });
    authenticator.refuseForeignPage(call.incoming.headers);
    const principal = await authenticator.authenticateToken(token, call.address);
    await audit.record(principal, { action: 'session.sign_in' }, { outcome: 'ok' });
    const { cookie, endsAt } = await sessions.begin(principal, {
      address: call.address,
      client: call.incoming.headers['user-agent'],
    });
    return call.context.json({ name: principal.name, ends_at: timestampOf(endsAt) }, 200, {
      'Set-Cookie': cookie,
    });
  });
  app.add(SHOW, async (call) => {
    const { headers } = call.incoming;
    const principal = await authenticator.readPerson({ headers, address: call.address });
    if (principal === undefined) throw new LaunchlogError('missing_admin_token', 'not signed in');
    const shown = {
      name: principal.name,
      orchestrator,
      may_launch: holdsScope(principal, 'nodes:write'),
      deployment_id: principal.deploymentId,
      tenant_id: principal.tenantId,
    };
    return call.context.json(shown);
  });
  app.add(SIGN_OUT, async (call) => {
    authenticator.refuseForeignPage(call.incoming.headers);
    const { cookie } = call.incoming.headers;
    const principal = await authenticator.readSession(call.incoming.headers).catch(() => undefined);
    if (principal !== undefined) {
      const by = { ...principal, address: call.address };
      await audit.record(by, { action: 'session.sign_out' }, { outcome: 'ok' });
    }
    const { sessionId } = principal ?? {};
    const elsewhere = sessionId === undefined ? undefined : await signOn?.logoutUrl(sessionId);
    const headers = { 'Set-Cookie': await sessions.end(cookie) };
    if (elsewhere === undefined) return call.context.body(null, 204, headers);
    return call.context.json({ sign_out_url: elsewhere.href }, 200, headers);
  });
}

const SIGN_IN: RestRoute = {
  route: 'POST /session',
  summary: 'Sign in to the console',
  request: { body: { required: true, content: { 'application/json': { schema: signInSchema } } } },
  responses: {
    200: jsonContent('Signed in; the cookie is HttpOnly and SameSite=Strict', sessionSchema),
  },
  errors: ['invalid_admin_token', 'invalid_json', 'invalid_origin', 'rate_limited'],
};
const SHOW: RestRoute = {
  route: 'GET /session',
  summary: 'Who is signed in',
  responses: {
    200: jsonContent('The session', shownSessionSchema),
  },
  errors: ['missing_admin_token'],
};
const SIGN_OUT: RestRoute = {
  route: 'DELETE /session',
  summary: 'Sign out, and end everything that the session has open',
  responses: {
    200: jsonContent(
      'The cookie has been removed; a person signs out of the identity provider at `sign_out_url`',
      z.object({ sign_out_url: z.url() }),
    ),
    204: { description: 'The cookie has been removed' },
  },
  errors: ['invalid_origin'],
};
