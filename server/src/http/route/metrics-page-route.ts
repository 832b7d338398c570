import { z } from '@hono/zod-openapi';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { isSameSecret } from '../../auth/secret-comparison.js';
import type { RestApp, RestRoute } from '../rest-app.js';

interface MetricsPageOptions {
  /** If set, readers must send it. */
  readonly token: string | undefined;
  readonly page: { readonly contentType: string; text(): Promise<string> };
}

/** The page that Prometheus scrapes. It names no node, user or secret. */
export function addMetricsPageRoute(app: RestApp, { token, page }: MetricsPageOptions): void {
  app.add(METRICS, async (call) => {
    if (token !== undefined) requireToken(token, call.incoming.headers.authorization);
    return call.context.body(await page.text(), 200, {
      'Content-Type': page.contentType,
    });
  });
}

function requireToken(token: string, authorization: string | undefined): void {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) throw new LaunchlogError('missing_admin_token', 'missing metrics token');
  if (!isSameSecret(given, token)) throw new LaunchlogError('invalid_admin_token', 'invalid metrics token');
}

const METRICS: RestRoute = {
  route: 'GET /metrics',
  summary: 'Metrics for Prometheus',
  description: 'Open, unless METRICS_TOKEN is set: then send it as `Authorization: Bearer`.',
  responses: {
    200: { description: 'The text format of Prometheus', content: { 'text/plain': { schema: z.string() } } },
  },
  errors: ['missing_admin_token'],
};
