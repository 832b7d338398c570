import { z } from '@hono/zod-openapi';
import type { Clock } from '../../clock.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { jsonContent } from '../wire-schema.js';
import { answerWithin } from '../../wait/answer-within.js';

export interface ProbeRouteOptions {
  /** By name, what must answer before this server is of use: each resolves or rejects with the reason. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
  readonly isDraining: () => boolean;
  /** For one check. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** What load balancers and people without a token may ask. */
export function addProbeRoutes(app: RestApp, options: ProbeRouteOptions): void {
  app.add(HEALTH, (call) => Promise.resolve(call.context.json({ status: 'ok' })));
  app.add(READY, async (call) => {
    const names = Object.keys(options.readiness);
    const answers = await Promise.all(names.map((name) => check(options, name)));
    const checks = Object.fromEntries(
      names.map((name, index) => [name, answers[index] === true ? 'ok' : 'failed']),
    );
    const draining = options.isDraining();
    const ready = !draining && answers.every((answer) => answer);
    const status = draining ? 'draining' : ready ? 'ready' : 'not ready';
    return call.context.json({ status, checks }, ready ? 200 : 503, { 'Cache-Control': 'no-store' });
  });
  app.add(DOCUMENT, (call) =>
    Promise.resolve(call.context.body(app.document(), 200, { 'Content-Type': 'application/json' })),
  );
}

/** Only whether, not why: the reason may name hosts and is in our own log. */
async function check({ readiness, timeoutMs, clock }: ProbeRouteOptions, name: string): Promise<boolean> {
  const answer = Promise.resolve(readiness[name]?.()).then(
    () => true,
    () => false,
  );
  return answerWithin({ clock, ms: timeoutMs }, answer, false);
}

const HEALTH: RestRoute = {
  route: 'GET /healthz',
  summary: 'The process runs',
  responses: { 200: jsonContent('It does', z.object({ status: z.literal('ok') })) },
};
const READY: RestRoute = {
  route: 'GET /readyz',
  summary: 'The log store and the database answer',
  responses: {
    200: jsonContent('They do', z.object({ status: z.string(), checks: z.record(z.string(), z.string()) })),
    503: jsonContent(
      'At least one does not, or the server is about to stop',
      z.object({ status: z.string() }),
    ),
  },
};
const DOCUMENT: RestRoute = {
  route: 'GET /openapi.json',
  summary: 'This document',
  responses: { 200: jsonContent('OpenAPI 3.1', z.looseObject({})) },
};
