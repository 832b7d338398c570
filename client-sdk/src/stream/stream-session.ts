import { createWSClient } from '@trpc/client';
import type { TRPCWebSocketClient } from '@trpc/client';
import { backoffMs } from './backoff.js';
import { currentHeaders, currentToken } from '../call/request-headers.js';
import { wireJson } from '../call/wire-json.js';
import type { ClientSettings } from '../client-options.js';
import type { ConnectionState } from '../connection-state.js';
import { isOfStranger, LaunchlogApiError } from '../error/launchlog-api-error.js';
import { toApiError } from '../error/to-api-error.js';
import { sleep } from '../sleep.js';
import { webSocketClass } from '../web-socket-class.js';

/** Idle time before a ping, and the deadline of its answer: their sum is how long a dead server goes unnoticed. */
const PING_AFTER_MS = 10_000;
const PONG_TIMEOUT_MS = 10_000;

export interface StreamSessionOptions extends Pick<
  ClientSettings,
  'webSocketUrl' | 'token' | 'headers' | 'WebSocket' | 'logger'
> {
  /** Throws a LaunchlogApiError if the server is away, is not a Launchlog server, or rejects our identity. A WebSocket cannot report which. */
  readonly probe: () => Promise<void>;
  readonly onState: (state: ConnectionState) => void;
  /** The program's own part failed: its token function or its WebSocket threw. Another attempt would not help. */
  readonly onBroken: (cause: unknown) => void;
}

/** A procedure that streams, and its input. */
export interface Subscription {
  readonly path:
    | 'nodes.logsStream'
    | 'nodes.eventsStream'
    | 'nodes.runtimeLogs'
    | 'nodes.watch'
    | 'deployments.logsStream'
    | 'logs.streamAll';
  readonly input: object;
}

interface SubscriptionHandlers {
  onData(item: { readonly id: string; readonly data: unknown }): void;
  onError(error: unknown): void;
  onComplete(): void;
}

/** Starts one subscription; the returned function stops it. */
type Subscribe = (subscription: Subscription, handlers: SubscriptionHandlers) => () => void;

const TRANSFORMER = { input: wireJson, output: wireJson };

/** A WebSocket and its replacements, until nothing is followed any more. */
export class StreamSession {
  /** Rejects with the program's own error where there is no WebSocket to use. */
  readonly subscribe: Promise<Subscribe>;
  readonly #options: StreamSessionOptions;
  readonly #closing = new AbortController();
  #client: TRPCWebSocketClient | undefined;
  #token: string | undefined;
  /** Undefined until a connection failed or was lost. */
  #attempt: number | undefined;
  #error: LaunchlogApiError | undefined;
  /** The address is that of a Launchlog server. */
  #wasOpen = false;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
    this.subscribe = this.#start();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.close();
  }

  async #start(): Promise<Subscribe> {
    const client = createWSClient({
      url: () => this.#nextUrl(),
      WebSocket: await this.#webSocket(),
      // A browser's WebSocket cannot send headers, so the token is the first message on every platform.
      connectionParams: () => (this.#token === undefined ? null : { token: this.#token }),
      // The wait is in #nextUrl, where close() can cut it short.
      retryDelayMs: (attempt) => {
        this.#attempt = attempt;
        return 0;
      },
      keepAlive: { enabled: true, intervalMs: PING_AFTER_MS, pongTimeoutMs: PONG_TIMEOUT_MS },
    });
    this.#client = client;
    if (this.#closing.signal.aborted) await client.close();
    client.connectionState.subscribe({
      next: ({ state, error }) => {
        if (state === 'pending') this.#onOpen();
        else if (state === 'connecting') this.#onConnecting(error);
      },
    });
    return (subscription, handlers) => subscribeTo(client, subscription, handlers);
  }

  async #webSocket(): Promise<typeof WebSocket> {
    const { headers, WebSocket: given, onBroken } = this.#options;
    return webSocketClass(given, onBroken, await currentHeaders(headers));
  }

  /** Every attempt starts here. After one failure it waits; after two it also probes for the reason. */
  async #nextUrl(): Promise<string> {
    const attempt = this.#attempt;
    if (attempt !== undefined) await sleep(backoffMs(attempt), this.#closing.signal);
    if (this.#closing.signal.aborted) throw LaunchlogApiError.unreachable('the client was closed');
    try {
      this.#token = await currentToken(this.#options.token);
    } catch (cause) {
      this.#options.onBroken(cause);
      throw cause;
    }
    if (attempt !== undefined && attempt > 0) await this.#probe();
    return this.#options.webSocketUrl;
  }

  async #probe(): Promise<void> {
    try {
      await this.#options.probe();
      this.#error = LaunchlogApiError.unreachable(
        'the server answers, but does not open a WebSocket (a proxy that passes no upgrade?)',
      );
    } catch (cause) {
      const error = toApiError(cause);
      // While a server is replaced, what stands in front of it may answer anything. It comes back.
      const isReplaced = this.#wasOpen && isOfStranger(error);
      this.#error = isReplaced ? LaunchlogApiError.unreachable(error.message, error) : error;
      throw this.#error;
    }
  }

  #onOpen(): void {
    this.#error = undefined;
    this.#wasOpen = true;
    this.#options.onState({ state: 'open' });
  }

  #onConnecting(cause: unknown): void {
    if (this.#closing.signal.aborted) return;
    const failed = cause !== null && cause !== undefined;
    const error = failed ? (this.#error ?? toApiError(cause)) : undefined;
    if (error !== undefined) this.#options.logger?.warn?.(`the connection is lost: ${error.message}`);
    this.#options.onState({ state: 'connecting', failedAttempts: this.#attempt ?? 0, error });
  }
}

function subscribeTo(
  client: TRPCWebSocketClient,
  { path, input }: Subscription,
  handlers: SubscriptionHandlers,
): () => void {
  const op = { id: 0, type: 'subscription' as const, path, input, signal: null };
  const subscription = client.request({ op, transformer: TRANSFORMER }).subscribe({
    next({ result }) {
      if (result.type !== undefined && result.type !== 'data') return;
      if (isTracked(result.data)) handlers.onData(result.data);
    },
    error: (error) => handlers.onError(error),
    complete: () => handlers.onComplete(),
  });
  return () => subscription.unsubscribe();
}

function isTracked(item: unknown): item is { readonly id: string; readonly data: unknown } {
  return typeof item === 'object' && item !== null && 'id' in item && 'data' in item;
}
