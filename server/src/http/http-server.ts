import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { OriginPolicy } from '../auth/origin-policy.js';
import type { Clock } from '../clock.js';
import type { PublicAddress } from '../edge/public-address.js';
import { clientNetwork } from '../rate-limit/client-network.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import { requireAllowed } from '../rate-limit/rate-limiter.js';
import type { Logger } from '../logger.js';
import type { HttpMeter } from '../metrics/http-meter.js';
import { AddressConnections } from './address-connections.js';
import type { ClientAddress } from './client-address.js';
import type { ConsoleFiles } from './console-files.js';
import { sendError } from './error-answer.js';
import { ignoredParams } from './ignored-params.js';
import { incomingRequestAt, isTrpc, originForm } from './incoming-request.js';
import { enterScope } from './request-scope.js';
import type { RequestScope } from './request-scope.js';
import { applyHeaders, answerOptions } from './response-headers.js';
import type { RestApp } from './rest-app.js';

/** The tRPC edge as this server sees it: the two edges do not import each other. */
interface TrpcEndpoint {
  handle(incoming: IncomingMessage, response: ServerResponse, address: string): Promise<void>;
  upgrade(
    incoming: IncomingMessage,
    connection: Duplex,
    upgrade: { head: Buffer; address: string },
  ): Promise<void>;
  /** Asks the clients of its sockets to reconnect. */
  drain(): void;
  close(): void;
  terminate(): void;
}

/** A route that writes to the raw response; its requests do not reach the router. */
interface StreamRoute {
  matches(url: string): boolean;
  handle(incoming: IncomingMessage, response: ServerResponse, scope: RequestScope): Promise<void>;
  close(): void;
}

interface HttpServerOptions {
  readonly rest: RestApp;
  readonly streams: readonly StreamRoute[];
  readonly console: ConsoleFiles;
  readonly trpc: TrpcEndpoint;
  /** Ends the open log streams, so that their clients reconnect. */
  readonly drainStreams: () => void;
  /** Limits the requests of one address. */
  readonly requests: RateLimiter;
  readonly clientAddress: ClientAddress;
  readonly publicAddress: PublicAddress;
  readonly origins: OriginPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: HttpMeter;
  readonly newRequestId: () => string;
  /** Open connections of this process. */
  readonly connectionsMax: number;
  /** Open connections of one client network, unless it is that of a trusted proxy. */
  readonly addressConnectionsMax: number;
  /** A response is aborted if the client reads nothing of it for this long. */
  readonly stalledWithinMs?: number | undefined;
}

const HEADERS_WITHIN_MS = 20_000;
const REQUEST_WITHIN_MS = 120_000;
/** Until it has been read, a response takes up memory or keeps a log open. Any progress restarts the time. */
const STALLED_WITHIN_MS = 60_000;
/** Longer than the idle time of common load balancers (60 s), so that they close first and no request is lost. */
const KEEP_ALIVE_MS = 75_000;
/** TCP keep-alive: the kernel gives up on a silent peer before the next heartbeat would hide its silence. */
const TCP_PROBE_AFTER_MS = 4_000;
const DRAIN_MS = 1_000;
const CLOSE_MS = 1_500;
const CLOSE_POLL_MS = 25;
/** No page can have it as its origin. */
const NO_HOST = 'no-host.invalid';
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS']);
/** nginx's status for a request whose client did not wait for the response. */
const CLIENT_WENT_AWAY = 499;

/** One node:http server that serves REST, streams, tRPC and the console. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #rest: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const fetch = options.rest.fetch;
    this.#rest = getRequestListener((request, bindings) => fetch(request, bindings), {
      overrideGlobalObjects: false,
      /** The rest of a body is read to its end, by us or by node:http: cutting it off would lose the response. */
      autoCleanupIncoming: false,
    });
    this.#server = createServer({
      headersTimeout: HEADERS_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_PROBE_AFTER_MS,
      IncomingMessage: incomingRequestAt(options.publicAddress),
    });
    this.#server.maxConnections = options.connectionsMax;
    const addresses = new AddressConnections({
      max: options.addressConnectionsMax,
      isTrusted: (address) => options.clientAddress.trusts(address),
    });
    this.#server.on('connection', (socket) => addresses.admit(socket));
    this.#server.on('request', (incoming, response) => void this.#onRequest(incoming, response));
    this.#server.on('upgrade', (incoming, socket, head) => this.#onUpgrade(incoming, socket, head));
  }

  get isDraining(): boolean {
    return this.#closing !== undefined;
  }

  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Asks readers to reconnect, lets responses finish, and closes within 3 s. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, trpc, streams, drainStreams } = this.#options;
    let closed = !this.#server.listening;
    this.#server.close(() => (closed = true));
    drainStreams();
    trpc.drain();
    const until = async (ms: number): Promise<void> => {
      const end = clock.monotonic() + ms;
      while (!closed && clock.monotonic() < end) {
        this.#server.closeIdleConnections();
        await clock.sleep(CLOSE_POLL_MS);
      }
    };
    await until(DRAIN_MS);
    for (const route of streams) route.close();
    trpc.close();
    await until(CLOSE_MS);
    trpc.terminate();
    this.#server.closeAllConnections();
  }

  async #onRequest(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const scope = this.#enter(incoming, response);
    try {
      if (!isProbe(incoming.url ?? '')) await this.#admit(scope.address);
      await this.#route(incoming, response, scope);
    } catch (failure) {
      const answer = sendError(response, failure, scope.requestId);
      if (answer.unexpected) {
        this.#options.logger.error({ err: failure, requestId: scope.requestId }, 'request failed');
      }
    }
  }

  async #route(incoming: IncomingMessage, response: ServerResponse, scope: RequestScope): Promise<void> {
    const { streams, trpc, rest, console } = this.#options;
    const url = incoming.url ?? '/';
    const isReading = incoming.method === 'GET' || incoming.method === 'HEAD';
    this.#nameIgnored(incoming, response);
    if (incoming.method === 'OPTIONS') return answerOptions(response);
    const stream = isReading ? streams.find((route) => route.matches(url)) : undefined;
    if (stream !== undefined) return stream.handle(incoming, response, scope);
    /** Streams find stalled readers themselves, and request bodies have their own limits. */
    if (isReading) this.#endWhenStalled(response);
    if (isTrpc(url)) return trpc.handle(incoming, response, scope.address);
    if (!rest.owns(url) && (await console.serve(incoming, response))) return;
    await this.#rest(incoming, response);
  }

  /** Names the ignored parameters: old scripts and additions of proxies keep working, and a misspelt name is noticed. */
  #nameIgnored({ method = 'GET', url = '/' }: IncomingMessage, response: ServerResponse): void {
    if (!url.includes('?')) return;
    const known = this.#options.rest.paramsOf(method, url);
    if (known === undefined) return;
    const ignored = ignoredParams(new URL(url, 'http://localhost').searchParams.keys(), known);
    if (ignored !== undefined) response.setHeader('Launchlog-Ignored', ignored);
  }

  /** Uses node:http's timeout, since only node:http sees the progress of one large write. */
  #endWhenStalled(response: ServerResponse): void {
    response.setTimeout(this.#options.stalledWithinMs ?? STALLED_WITHIN_MS, () => response.destroy());
  }

  #onUpgrade(incoming: IncomingMessage, connection: Duplex, head: Buffer): void {
    const { trpc, clientAddress, publicAddress } = this.#options;
    const address = clientAddress.of(incoming);
    incoming.url = publicAddress.withoutPath(originForm(incoming.url ?? '/'));
    /** Until the WebSocket exists, nothing else listens, and an unhandled reset would end the process. */
    connection.on('error', () => {});
    void this.#admit(address).then(
      () => trpc.upgrade(incoming, connection, { head, address }),
      () => connection.end(TOO_MANY_UPGRADES),
    );
  }

  async #admit(address: string): Promise<void> {
    const verdict = await this.#options.requests.take(clientNetwork(address));
    requireAllowed(verdict, 'too many requests from this address: wait a little');
  }

  #enter(incoming: IncomingMessage, response: ServerResponse): RequestScope {
    const { clientAddress, newRequestId, origins } = this.#options;
    const scope = { requestId: newRequestId(), address: clientAddress.of(incoming) };
    enterScope(incoming, scope);
    /** Adds a host for the router if there is none: HTTP/1.0 may omit it, as simple checks of load balancers do. */
    incoming.headers.host ??= NO_HOST;
    incoming.url = this.#options.publicAddress.withoutPath(originForm(incoming.url ?? '/'));
    applyHeaders(incoming, response, { requestId: scope.requestId, origins });
    if (this.isDraining) response.setHeader('Connection', 'close');
    this.#watch(incoming, response, scope);
    return scope;
  }

  /** Leaves the query out, because it may hold a ticket. */
  #watch(incoming: IncomingMessage, response: ServerResponse, scope: RequestScope): void {
    const { clock, logger, meter } = this.#options;
    const startMs = clock.monotonic();
    const { method = 'GET', url = '' } = incoming;
    const path = url.split('?', 1)[0];
    response.once('close', () => {
      const elapsedMs = clock.monotonic() - startMs;
      const status = response.headersSent ? response.statusCode : CLIENT_WENT_AWAY;
      const answer = {
        method: methodLabel(method),
        ...this.#routeOf(url),
        status,
        seconds: elapsedMs / 1_000,
      };
      meter?.answered(answer);
      const durationMs = Math.round(elapsedMs);
      logger.debug({ ...scope, method, path, status, durationMs }, 'request');
    });
  }

  #routeOf(url: string): { readonly route: string; readonly stream: boolean } {
    const { rest, streams } = this.#options;
    const stream = streams.some((each) => each.matches(url));
    if (isTrpc(url)) return { route: '/trpc', stream };
    return { route: rest.patternOf(url) ?? (rest.owns(url) ? 'unknown' : 'console'), stream };
  }
}

/** One label for all unknown methods: clients can invent some, and each label is a time series. */
function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

const TOO_MANY_UPGRADES =
  'HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nCache-Control: no-store\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n';

/** Probes are not limited: a flood must not make the load balancer consider this server dead. */
function isProbe(url: string): boolean {
  return /^\/(?:healthz|readyz)(?:\?|$)/.test(url);
}
