import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpSubscriptionLink,
  wsLink,
} from '@trpc/client';
import { EventSource } from 'eventsource';
import type { FetchLike } from 'eventsource';
import superjson from 'superjson';
import WebSocket from 'ws';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { LogStreamEvent } from '@launchlog/shared/event';
import { ADMIN_TOKEN } from '../server/server-edge.js';

export interface StockSocketOptions {
  readonly url: string;
  /** In the connection params; undefined sends none. */
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly retryDelayMs?: () => number;
}

/** The stock client over a WebSocket, as any user of tRPC would build it. */
export function stockSocketClient({ url, token = ADMIN_TOKEN, headers, retryDelayMs }: StockSocketOptions) {
  const sockets: WebSocket[] = [];
  class RecordedWebSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, headers === undefined ? {} : { headers });
      sockets.push(this);
    }
  }
  const client = createWSClient({
    url: `${url.replace('http', 'ws')}/trpc`,
    WebSocket: RecordedWebSocket as unknown as typeof globalThis.WebSocket,
    ...(headers === undefined ? { connectionParams: () => ({ token }) } : {}),
    retryDelayMs: retryDelayMs ?? (() => 50),
  });
  const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  return { trpc, client, sockets, close: () => client.close() };
}

export function stockHttpClient(url: string, token: string = ADMIN_TOKEN) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({ url: `${url}/trpc`, transformer: superjson, headers: { 'X-Admin-Token': token } }),
    ],
  });
}

/** Sends calls together and has each answer as soon as it is ready. */
export function stockBatchStreamClient(url: string, token: string = ADMIN_TOKEN) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchStreamLink({
        url: `${url}/trpc`,
        transformer: superjson,
        headers: { 'X-Admin-Token': token },
      }),
    ],
  });
}

/** Subscribes over HTTP; `fetched` sees each answer first. */
export function stockEventClient(
  url: string,
  { token = ADMIN_TOKEN, fetched = (answer) => answer }: StockEventOptions = {},
) {
  const fetchWithToken: FetchLike = async (address, init) => {
    const headers = { ...init.headers, 'X-Admin-Token': token };
    return fetched(await fetch(address, { ...init, headers } as RequestInit));
  };
  return createTRPCClient<AppRouter>({
    links: [
      httpSubscriptionLink({
        url: `${url}/trpc`,
        transformer: superjson,
        EventSource,
        eventSourceOptions: { fetch: fetchWithToken },
      }),
    ],
  });
}

interface StockEventOptions {
  readonly token?: string;
  readonly fetched?: (answer: Response) => Response;
}

type StockClient = ReturnType<typeof stockSocketClient>['trpc'];

/** One `nodes.logsStream` and all its events. */
export class StockStream {
  readonly items: { readonly id: string; readonly data: LogStreamEvent }[] = [];
  started = 0;
  error: { readonly data?: { readonly code?: string } | null | undefined; message: string } | undefined;
  completed = false;
  readonly #subscription: { unsubscribe(): void };
  #waiting: (() => void)[] = [];

  constructor(trpc: StockClient, input: Parameters<StockClient['nodes']['logsStream']['subscribe']>[0]) {
    this.#subscription = trpc.nodes.logsStream.subscribe(input, {
      onStarted: () => this.#note(() => (this.started += 1)),
      onData: (item) => this.#note(() => this.items.push(item)),
      onError: (error) => this.#note(() => (this.error = error)),
      onComplete: () => this.#note(() => (this.completed = true)),
    });
  }

  get messages(): string[] {
    return this.items.flatMap(({ data }) => (data.type === 'log' ? [data.entry.message] : []));
  }

  async until(holds: (stream: this) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }

  #note(change: () => unknown): void {
    change();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
