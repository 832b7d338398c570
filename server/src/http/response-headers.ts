import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OriginPolicy } from '../auth/origin-policy.js';

interface HeaderContext {
  readonly requestId: string;
  readonly origins: OriginPolicy;
}

const METHODS = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS';
/** Request headers that pages may send, including those that the stock links of tRPC, EventSource in fetch and tracing add. */
const REQUEST_HEADERS =
  'Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, Last-Event-ID, Pragma, Traceparent, Tracestate, ' +
  'Trpc-Accept, Trpc-Batch-Mode, X-Admin-Token, X-Requested-With, X-Trpc-Source';
const ANSWER_HEADERS = 'Idempotency-Replayed, Launchlog-Ignored, Location, Retry-After, X-Request-Id';
const PREFLIGHT_LASTS_SECONDS = 600;

/**
 * Sets the headers of every response. Pages of other origins may read it only if the operator names their origin. No cache
 * keeps a response unless its route states otherwise: shared caches do not know `X-Admin-Token`, and would serve it to all
 * clients.
 */
export function applyHeaders(
  incoming: IncomingMessage,
  response: ServerResponse,
  context: HeaderContext,
): void {
  response.setHeader('X-Request-Id', context.requestId);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  const { origin } = incoming.headers;
  if (origin === undefined || !context.origins.isNamed(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', METHODS);
  response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS);
  response.setHeader('Access-Control-Expose-Headers', ANSWER_HEADERS);
  response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_LASTS_SECONDS));
  response.setHeader('Vary', 'Origin');
}

export function answerOptions(response: ServerResponse): void {
  response.writeHead(204, { Allow: METHODS }).end();
}
