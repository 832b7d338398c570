import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import type { TRPCClient, TRPCWebSocketClient } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '@launchlog/server/trpc/router';
import { backoffMs } from './backoff.js';
import type { ConnectionState } from './connection-state.js';
import { LaunchlogApiError } from './launchlog-api-error.js';
import { sleep } from './sleep.js';
import { toApiError } from './to-api-error.js';
import { webSocketClass } from './web-socket-class.js';

/** Idle time before a ping, and the deadline of its answer: their sum is how long a dead server goes unnoticed. */
const PING_AFTER_MS = 10_000;
const PONG_TIMEOUT_MS = 10_000;

interface StreamSessionOptions {
  readonly webSocketUrl: string;
  readonly token: string | undefined;
  /** Throws a LaunchlogApiError if the server is away or rejects our identity. A WebSocket reports neither. */
  readonly probe: () => Promise<void>;
  readonly onState: (state: ConnectionState) => void;
}

/** A WebSocket and its replacements, until nothing is followed any more. */
export class StreamSession {
  readonly trpc: Promise<TRPCClient<AppRouter>>;
  readonly #options: StreamSessionOptions;
  readonly #closing = new AbortController();
  #client: TRPCWebSocketClient | undefined;
  /** Undefined until a connection failed or was lost. */
  #attempt: number | undefined;
  #error: LaunchlogApiError | undefined;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
    this.trpc = this.#start();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.close();
  }

  async #start(): Promise<TRPCClient<AppRouter>> {
    const { token } = this.#options;
    const client = createWSClient({
      url: () => this.#nextUrl(),
      WebSocket: await webSocketClass(undefined),
      // A browser's WebSocket cannot send headers, so the token is the first message on every platform.
      connectionParams: token === undefined ? null : { token },
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
    return createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  }

  /** Every attempt starts here. After one failure it waits; after two it also probes for the reason. */
  async #nextUrl(): Promise<string> {
    const attempt = this.#attempt;
    if (attempt !== undefined) await sleep(backoffMs(attempt), this.#closing.signal);
    if (this.#closing.signal.aborted) throw LaunchlogApiError.unreachable('the client was closed');
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
      this.#error = toApiError(cause);
      throw this.#error;
    }
  }

  #onOpen(): void {
    this.#error = undefined;
    this.#options.onState({ state: 'open' });
  }

  #onConnecting(cause: unknown): void {
    if (this.#closing.signal.aborted) return;
    const failed = cause !== null && cause !== undefined;
    const error = failed ? (this.#error ?? toApiError(cause)) : undefined;
    this.#options.onState({ state: 'connecting', failedAttempts: this.#attempt ?? 0, error });
  }
}
