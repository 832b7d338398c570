import type { ErrorData } from '@launchlog/shared/error-code';
import { createLaunchlogClient } from '../create-launchlog-client.js';
import type { LaunchlogClientOptions } from '../client-options.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import type { LaunchStep } from './launch-script.js';
import { MemoryServer } from './memory-server.js';
import { memorySocketClass } from './memory-socket.js';

type InstantStep = Exclude<LaunchStep, Record<'waitMs', number> | Record<'disconnect', true>>;

/** A server in memory and a client of it, for tests of a program that uses the SDK. Nothing listens on any port. */
export interface TestLaunchlog extends Pick<LaunchlogClientOptions, 'url'> {
  /** The client of the SDK itself, with its own reconnecting, retries and errors. */
  readonly client: LaunchlogClient;
  /** For further clients: `createLaunchlogClient({ url, fetch, WebSocket })`. */
  readonly fetch: NonNullable<LaunchlogClientOptions['fetch']>;
  /** As `fetch`. */
  readonly WebSocket: NonNullable<LaunchlogClientOptions['WebSocket']>;
  /** What the next launch does. Each launch takes one script, in order; without one it succeeds. */
  script(steps: readonly LaunchStep[]): void;
  /** Something more happens to a node that was launched. */
  play(nodeId: string, step: InstantStep): void;
  /** Cuts every connection. Clients connect again. */
  disconnect(): void;
  /** Whether the server answers at all. */
  up: boolean;
}

const URL_IN_MEMORY = 'http://launchlog.test';

export function createTestLaunchlog(options: Omit<LaunchlogClientOptions, 'url'> = {}): TestLaunchlog {
  const server: MemoryServer = new MemoryServer(() => socket.cut());
  const socket = memorySocketClass({
    get isUp() {
      return server.isUp;
    },
    subscribe: (path, input, send) => server.subscribe(path, input, send),
  });
  const fetch: TestLaunchlog['fetch'] = async (input, init) => {
    init?.signal?.throwIfAborted();
    if (!server.isUp) throw new TypeError('fetch failed');
    return answer(server, new URL(input instanceof Request ? input.url : input), init);
  };
  const { WebSocket } = socket;
  return {
    url: URL_IN_MEMORY,
    client: createLaunchlogClient({ url: URL_IN_MEMORY, fetch, WebSocket, ...options }),
    fetch,
    WebSocket,
    script: (steps) => void server.scripts.push(steps),
    play: (nodeId, step) => server.node(nodeId).play(step),
    disconnect: () => socket.cut(),
    get up() {
      return server.isUp;
    },
    set up(isUp) {
      server.isUp = isUp;
      if (!isUp) socket.cut();
    },
  };
}

function answer(server: MemoryServer, url: URL, init: RequestInit | undefined): Response {
  const path = url.pathname.replace(/^\/trpc\//, '');
  const sent = init?.method === 'POST' ? (init.body as string) : (url.searchParams.get('input') ?? '{}');
  const { json } = JSON.parse(sent) as { readonly json?: unknown };
  try {
    return Response.json({ result: { data: { json: server.call(path, json) } } });
  } catch (error) {
    const { data } = error as { readonly data?: ErrorData };
    if (data === undefined) throw error;
    return Response.json({ error: { json: error } }, { status: data.httpStatus });
  }
}
