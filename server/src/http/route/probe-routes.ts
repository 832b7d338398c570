import { z } from '@hono/zod-openapi';
import type { Clock } from '../../clock.js';
import type { RestApp, RestRoute } from '../rest-app.js';
import { LogStoreUnavailableError } from '../../log/log-store.js';
import type { StoreRefusal } from '../../log/store-refusal.js';
import { jsonContent } from '../wire-schema.js';
import { RELEASE } from '../../release.js';
import { answerWithin } from '../../wait/answer-within.js';

interface ProbeRouteOptions {
  /** The checks that must pass before this server is useful, by name. Each rejects with its reason if it fails. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
  readonly isDraining: () => boolean;
  /** The timeout of one check. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const READY_FOR_MS = 1_000;

/** Routes for load balancers, and for people without a token. */
export function addProbeRoutes(app: RestApp, options: ProbeRouteOptions): void {
  app.add(HEALTH, (call) => Promise.resolve(call.context.json({ status: 'ok', version: RELEASE })));
  const names = Object.keys(options.readiness);
  const look = sharedFor(options.clock, () => Promise.all(names.map((name) => check(options, name))));
  app.add(READY, async (call) => {
    const answers = await look();
    const checks = Object.fromEntries(
      names.map((name, index) => [name, answers[index] === 'ok' ? 'ok' : 'failed']),
    );
    const refusals = names.flatMap((name, index) => {
      const answer = answers[index];
      return answer === undefined || answer === 'ok' || answer === 'failed' ? [] : [[name, answer]];
    });
    const reasons = refusals.length === 0 ? {} : { reasons: Object.fromEntries(refusals) as object };
    const draining = options.isDraining();
    const ready = !draining && answers.every((answer) => answer === 'ok');
    const status = draining ? 'draining' : ready ? 'ready' : 'not ready';
    return call.context.json({ status, checks, ...reasons }, ready ? 200 : 503);
  });
  app.add(DOCUMENT, async (call) =>
    /** It is the same for every caller, but may change with the version of the server. */
    call.context.body(await app.document(), 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-cache',
    }),
  );
}

/** The stores are asked once a second, however many callers there are. */
function sharedFor<Answer>(clock: Clock, ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  let untilMs = 0;
  return () => {
    const now = clock.monotonic();
    if (answer === undefined || now >= untilMs) {
      answer = ask();
      untilMs = now + READY_FOR_MS;
    }
    return answer;
  };
}

/** Any other reason may name hosts, so it goes to the server's own log. */
async function check(
  { readiness, timeoutMs, clock }: ProbeRouteOptions,
  name: string,
): Promise<'ok' | 'failed' | StoreRefusal> {
  const answer = Promise.resolve(readiness[name]?.()).then(
    () => 'ok' as const,
    (error: unknown) => (error instanceof LogStoreUnavailableError ? (error.refusal ?? 'failed') : 'failed'),
  );
  return answerWithin({ clock, ms: timeoutMs }, answer, 'failed' as const);
}

const HEALTH: RestRoute = {
  route: 'GET /healthz',
  summary: 'Liveness: the process is running',
  responses: {
    200: jsonContent(
      'It is, and this is its release',
      z.object({ status: z.literal('ok'), version: z.string().openapi({ example: '0.1.0' }) }),
    ),
  },
};
const READY: RestRoute = {
  route: 'GET /readyz',
  summary: 'Readiness: the log store takes entries, and the database responds',
  responses: {
    200: jsonContent(
      'They do, and the server is not stopping',
      z.object({ status: z.string(), checks: z.record(z.string(), z.string()) }),
    ),
    503: jsonContent(
      'At least one does not, or the server is stopping',
      z.object({
        status: z.string(),
        checks: z.record(z.string(), z.string()),
        reasons: z.record(z.string(), z.string()).optional(),
      }),
    ),
  },
};
const DOCUMENT: RestRoute = {
  route: 'GET /openapi.json',
  summary: 'This document',
  responses: { 200: jsonContent('OpenAPI 3.1', z.looseObject({})) },
};
