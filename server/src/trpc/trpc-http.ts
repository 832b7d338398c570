import type { IncomingMessage, ServerResponse } from 'node:http';
import { getTRPCErrorFromUnknown } from '@trpc/server';
import type { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Authenticator } from '../auth/authenticator.js';
import { readBody } from '../edge/request-body.js';
import type { ProcedureName } from '../edge/access-table.js';
import type { Logger } from '../logger.js';
import { seenRequest } from '../doctor/seen-request.js';
import { whenRevoked } from '../principal.js';
import type { Principal } from '../principal.js';
import type { PageAnswerLimiter } from '../rate-limit/page-answer-limiter.js';
import { callMeter } from './call-meter.js';
import { errorShape, toLaunchlogError } from './error-shape.js';
import { transformer } from './input-transformer.js';
import { LogPageQueue } from './log-page-queue.js';
import { OutputParts } from './output/output-parts.js';
import { totalLength } from './output/text-frame.js';
import { registeredProcedures, type TrpcContext } from './procedure.js';
import type { AppRouter } from './router.js';

interface TrpcHttpOptions {
  readonly router: AppRouter;
  readonly authenticator: Authenticator;
  readonly logger: Logger;
  readonly bodyMaxBytes: number;
  readonly pageAnswers: PageAnswerLimiter;
}

const ENDPOINT = '/trpc';
/** Calls in one request. */
const BATCH_MAX = 50;
/** Limit of the log pages in one response: once it is exceeded, no further page is read. */
const PAGES_MAX_CHARACTERS = 16 * 1024 * 1024;
/** The fetch standard refuses some other methods by throwing. */
const METHODS = new Set(['GET', 'HEAD', 'POST']);

/** Serves queries and mutations over HTTP. The caller is authenticated before tRPC sees the request. */
export class TrpcHttp {
  readonly #options: TrpcHttpOptions;
  readonly #subscriptions: ReadonlySet<string>;

  constructor(options: TrpcHttpOptions) {
    this.#options = options;
    const subscriptions = registeredProcedures(options.router).filter(({ type }) => type === 'subscription');
    this.#subscriptions = new Set(subscriptions.map(({ path }) => path));
  }

  async handle(incoming: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    const { logger } = this.#options;
    const requestId = response.getHeader('X-Request-Id');
    try {
      const onError = (error: TRPCError, path: string | undefined): void => {
        logUnexpected(error, path, { logger, requestId });
      };
      const principal = await this.#authenticate(incoming, address);
      const pages = this.#pagesFor(principal, response);
      const seen = seenRequest(incoming, address);
      const parts = new OutputParts();
      const answer = await this.#answer(incoming, { principal, pages, parts, seen }, onError);
      if (incoming.method === 'GET') endWhenRevoked(principal, response);
      await send(answer, parts, response);
    } catch (failure) {
      sendFailure(failure, response, { logger, requestId });
    }
  }

  #authenticate(incoming: IncomingMessage, address: string): Promise<Principal> {
    const { method = 'GET', headers } = incoming;
    return this.#options.authenticator.authenticate({ method, headers, address });
  }

  /** All pages of one request share a slot, from the first page until the answer has been read. */
  #pagesFor({ name, tokenId }: Principal, response: ServerResponse): LogPageQueue {
    let hasSlot = false;
    const takeSlot = async (): Promise<void> => {
      if (!hasSlot) this.#options.pageAnswers.take(tokenId ?? name, response);
      hasSlot = true;
    };
    return new LogPageQueue({ beforeEach: takeSlot, maxCharacters: PAGES_MAX_CHARACTERS });
  }

  /** Finds names behind slashes and escapes too, because tRPC skips some of them. */
  #refuseSubscriptions(pathname: string): void {
    const procedures = decoded(pathname.slice(ENDPOINT.length)).split(',');
    if (!procedures.some((procedure) => this.#subscriptions.has(procedure.replaceAll('/', '')))) return;
    throw new LaunchlogError(
      'method_not_allowed',
      'a subscription over HTTP is a GET that accepts text/event-stream, and is not batched; or use a WebSocket',
    );
  }

  async #answer(
    incoming: IncomingMessage,
    { principal, pages, parts, seen }: Pick<TrpcContext, 'principal' | 'pages' | 'parts' | 'seen'>,
    onError: (error: TRPCError, path: string | undefined) => void,
  ): Promise<Response> {
    const { router, authenticator, bodyMaxBytes } = this.#options;
    const method = incoming.method ?? 'GET';
    const url = new URL(incoming.url ?? ENDPOINT, 'http://localhost');
    if (!METHODS.has(method)) throw new LaunchlogError('method_not_allowed', 'use GET or POST');
    this.#refuseSubscriptions(url.pathname);
    const body = method === 'POST' ? await readBody(incoming, bodyMaxBytes) : null;
    const meter = callMeter(authenticator, principal);
    const authorize = (procedure: ProcedureName): void => authenticator.authorize(principal, procedure);
    return fetchRequestHandler({
      endpoint: ENDPOINT,
      req: new Request(url, { method, headers: headersOf(incoming), body }),
      router,
      maxBatchSize: BATCH_MAX,
      createContext: () => ({
        principal,
        meter,
        authorize,
        runHeavyRead: (read) => authenticator.runHeavyRead(principal, read),
        pages,
        parts,
        seen,
        traceparent: incoming.headers['traceparent']?.toString(),
      }),
      responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
      onError: ({ error, path }) => onError(error, path),
    });
  }
}

/** The longest wait that any call of the batch asks for. */
function retryHeaders(errors: readonly TRPCError[]): Record<string, string> {
  const seconds = errors.map((error) => toLaunchlogError(error).retryAfterSeconds ?? 0);
  const retryAfter = Math.max(0, ...seconds);
  return retryAfter === 0 ? {} : { 'Retry-After': String(retryAfter) };
}

interface LogContext {
  readonly logger: Logger;
  /** Undefined on a socket. */
  readonly requestId?: unknown;
}

/** Logs an unexpected error, without the input, which may hold secrets. */
export function logUnexpected(error: TRPCError, procedure: string | undefined, where: LogContext): void {
  if (toLaunchlogError(error).code !== 'internal') return;
  const { logger, requestId } = where;
  logger.error({ err: error.cause ?? error, procedure, requestId }, 'procedure failed');
}

/** The same for anything that was thrown. */
export function logFailure(cause: unknown, procedure: string, where: LogContext): void {
  logUnexpected(getTRPCErrorFromUnknown(cause), procedure, where);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new LaunchlogError('not_found', 'there is nothing at this path');
  }
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !name.startsWith(':'))
      headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** Aborts the response to a query when the credential is revoked, and throws if it already is. A mutation is always reported. */
function endWhenRevoked(principal: Principal, response: ServerResponse): void {
  principal.revoked?.throwIfAborted();
  if (response.destroyed) return;
  response.once(
    'close',
    whenRevoked(principal, () => response.destroy()),
  );
}

/** A batch of the stream link is sent call by call; any other response has a length. */
async function send(answer: Response, parts: OutputParts, response: ServerResponse): Promise<void> {
  const headers = endToEndHeaders(answer.headers);
  if (answer.body !== null && answer.headers.has('transfer-encoding')) {
    response.writeHead(answer.status, headers);
    return sendPieces(filledCalls(answer.body, parts), response);
  }
  const filled = parts.fill(await answer.text());
  const bytes = typeof filled === 'string' ? Buffer.byteLength(filled) : totalLength(filled);
  response.writeHead(answer.status, { ...headers, 'Content-Length': bytes });
  if (typeof filled === 'string') response.end(filled);
  else await sendPieces(filled, response);
}

/** tRPC makes a line for each call. When its reader stops, the calls that are still running are cancelled. */
async function* filledCalls(
  lines: NonNullable<Response['body']>,
  parts: OutputParts,
): AsyncGenerator<Buffer, void> {
  for await (const line of lines) {
    const filled = parts.fill(Buffer.from(line).toString());
    if (typeof filled === 'string') yield Buffer.from(filled);
    else yield* filled;
  }
}

/** Sends at the client's pace, until the client leaves. */
async function sendPieces(
  pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
  response: ServerResponse,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  for await (const piece of pieces) {
    await Promise.race([new Promise((resolve) => response.write(piece, resolve)), gone]);
    if (response.destroyed) return;
  }
  response.end();
}

/** Headers that describe one connection (RFC 9110, section 7.6.1): node:http sets its own. */
const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

function endToEndHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())));
}

interface FailedRequest extends LogContext {
  /** The procedure and its input, where they are known. */
  readonly path?: string;
  readonly input?: unknown;
}

/** Answers a request that tRPC does not answer itself, in tRPC's shape. */
export function sendFailure(failure: unknown, response: ServerResponse, where: FailedRequest): void {
  const error = getTRPCErrorFromUnknown(failure);
  const { path, input } = where;
  logUnexpected(error, path, where);
  const shape = errorShape({ error, path, input });
  const body = JSON.stringify({ error: transformer.output.serialize(shape) });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { retryAfter } = shape.data;
  response.writeHead(shape.data.httpStatus, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  });
  response.end(body);
}
