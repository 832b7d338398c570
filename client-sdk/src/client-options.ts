import type { LaunchlogApiError } from './error/launchlog-api-error.js';
import {
  checkOptions,
  COUNT,
  FUNCTION,
  MILLISECONDS,
  OBJECT,
  OBJECT_OR_FUNCTION,
  TEXT,
  TEXT_OR_FUNCTION,
} from './option-check.js';
import type { WebSocketClass } from './web-socket-class.js';

type Headers = Readonly<Record<string, string>>;

/** How to reach the server. */
export interface LaunchlogClientOptions {
  /** Address of the server, including the path that it is served under, if any: `https://launchlog.example.com`. */
  readonly url: string;
  /**
   * The admin token or a named one, or a function that returns it (or nothing), asked before every request and every connection.
   * Omit it in a page that has signed in: the session cookie authenticates it.
   */
  readonly token?:
    | string
    // No token is sent where it returns none.
    | (() => string | null | undefined | Promise<string | null | undefined>)
    | undefined;
  /**
   * Headers of every request and every connection, or a function that returns them. The WebSocket of a browser can send
   * none: there a stream needs a class that can, as the option `WebSocket`.
   */
  readonly headers?: Headers | (() => Headers | Promise<Headers>) | undefined;
  /** Longest time for one call with all of its retries, milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** The name of `timeoutMs` in 0.1.0, milliseconds. */
  readonly requestTimeoutMs?: number | undefined;
  /** Retries of one call while the server is away or asks for one. Default 10, within the time of the call. */
  readonly maxRetries?: number | undefined;
  /** How long a followed log keeps reconnecting while the server is away, milliseconds. Default 1,800,000 (30 minutes). */
  readonly giveUpAfterMs?: number | undefined;
  /** In the place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** In the place of the global `WebSocket`: a class. */
  readonly WebSocket?: WebSocketClass | undefined;
  /** Called before each attempt of each request. What it throws, the call throws. */
  readonly onRequest?: ((request: SentRequest) => void) | undefined;
  /** Called after each attempt of each request, also of one that failed. What it throws, the call throws. */
  readonly onResponse?: ((response: ReceivedResponse) => void) | undefined;
  /** Gets a line for each retry and each lost connection; `console` is one. */
  readonly logger?: ClientLogger | undefined;
  /** Gets the events of a newer server that this version does not know. Without it they are passed over. */
  readonly onUnknown?: ((event: UnknownEvent) => void) | undefined;
}

export interface SentRequest {
  /** `nodes.list`, for example. */
  readonly procedure: string;
  /** Queries are read, mutations are posted. */
  readonly method: 'GET' | 'POST';
  /** With the input of a query. Example: `https://launchlog.example.com/trpc/nodes.list`. */
  readonly url: string;
  /** Number of the attempt, from 0. */
  readonly attempt: number;
}

export interface ReceivedResponse extends SentRequest {
  /** HTTP status; 0 if no server answered. */
  readonly status: number;
  /** Milliseconds from the request to the end of the answer. Example: `12.5`. */
  readonly durationMs: number;
  /** Names the request in the server's own log. Example: `9f86d081884c7d65`. */
  readonly requestId: string | undefined;
  /** Why the attempt failed; undefined where it did not. It may be retried. */
  readonly error: LaunchlogApiError | undefined;
}

export interface ClientLogger {
  /** What happens in the normal course. */
  debug?(message: string, fields?: object): void;
  /** A retry, a lost connection. */
  warn?(message: string, fields?: object): void;
}

export interface UnknownEvent {
  /** Its word in the newer server. Example: `pause`. */
  readonly type: string;
  /** The reader's position after it. Example: `9f86d081884c7d65:42`. */
  readonly cursor: string;
}

const TIMEOUT_MS = 30_000;
const MAX_RETRIES = 10;
const GIVE_UP_AFTER_MS = 30 * 60_000;

/** The options, with every default filled in. */
export interface ClientSettings {
  /** Base URL of the REST API, without a trailing slash. */
  readonly restUrl: string;
  /** URL of the tRPC router over HTTP, without a trailing slash. */
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  readonly token: LaunchlogClientOptions['token'];
  readonly headers: LaunchlogClientOptions['headers'];
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly giveUpAfterMs: number;
  readonly fetch: typeof globalThis.fetch;
  readonly WebSocket: WebSocketClass | undefined;
  readonly hooks: { request(sent: SentRequest): void; response(received: ReceivedResponse): void };
  readonly logger: ClientLogger | undefined;
  readonly onUnknown: ((event: UnknownEvent) => void) | undefined;
}

const RULES = {
  url: TEXT,
  token: TEXT_OR_FUNCTION,
  headers: OBJECT_OR_FUNCTION,
  timeoutMs: MILLISECONDS,
  requestTimeoutMs: MILLISECONDS,
  maxRetries: COUNT,
  giveUpAfterMs: MILLISECONDS,
  fetch: FUNCTION,
  WebSocket: FUNCTION,
  onRequest: FUNCTION,
  onResponse: FUNCTION,
  logger: OBJECT,
  onUnknown: FUNCTION,
};

/** Throws a TypeError for an option that cannot be used: that is a bug in the calling program, not a failure of the server. */
export function clientSettings(options: LaunchlogClientOptions): ClientSettings {
  checkOptions(options, RULES);
  const base = baseUrl(options.url);
  return {
    restUrl: `${base}/admin`,
    httpUrl: `${base}/trpc`,
    webSocketUrl: `${base.replace(/^http/, 'ws')}/trpc`,
    token: options.token,
    headers: options.headers,
    timeoutMs: options.timeoutMs ?? options.requestTimeoutMs ?? TIMEOUT_MS,
    maxRetries: options.maxRetries ?? MAX_RETRIES,
    giveUpAfterMs: options.giveUpAfterMs ?? GIVE_UP_AFTER_MS,
    // The global one is looked up on each call, so that one which a test puts in its place is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    WebSocket: options.WebSocket,
    hooks: {
      request: (sent) => options.onRequest?.(sent),
      response: (received) => options.onResponse?.(received),
    },
    logger: options.logger,
    onUnknown: options.onUnknown,
  };
}

function baseUrl(text: unknown): string {
  if (typeof text !== 'string' || !URL.canParse(text))
    throw new TypeError(`url '${String(text)}' is not an address such as http://127.0.0.1:8080`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`url '${text}' must begin with http:// or https://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError("url must not contain a user name or a password: pass them as the option 'headers'");
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
