import type { TRPCClient } from '@trpc/client';
import type { AppRouter } from '@launchlog/server/trpc/router';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { ConnectionListener, ConnectionState } from './connection-state.js';
import type { LogStreamHandlers, LogStreamSource, StreamHandlers } from './log-stream-source.js';
import { StreamSession } from './stream-session.js';
import { toApiError } from './to-api-error.js';

/** How long an unused connection stays open for the next reader, milliseconds. */
const LINGER_MS = 1_000;

/** Starts one subscription. */
export type Subscribe<Event> = (
  trpc: TRPCClient<AppRouter>,
  callbacks: {
    onData(item: { id: string; data: Event }): void;
    onError(error: unknown): void;
    onComplete(): void;
  },
) => { unsubscribe(): void };

interface StreamConnectionOptions {
  readonly webSocketUrl: string;
  readonly token: string | undefined;
  readonly probe: () => Promise<void>;
}

/** The connection shared by all logs that a client follows; open only while it is needed. */
export class StreamConnection implements LogStreamSource {
  readonly #options: StreamConnectionOptions;
  readonly #listeners = new Set<ConnectionListener>();
  #state: ConnectionState = { state: 'idle' };
  #session: StreamSession | undefined;
  #readers = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onChange(listener: ConnectionListener): () => void {
    // A wrapper, so that a listener that is registered twice is also removed twice.
    const own: ConnectionListener = (state) => listener(state);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  open(nodeId: string, query: LogStreamQueryInput, handlers: LogStreamHandlers): () => void {
    return this.openStream(
      (trpc, callbacks) => trpc.nodes.logsStream.subscribe({ nodeId, ...query }, callbacks),
      handlers,
    );
  }

  /** Opens any subscription. */
  openStream<Event>(subscribe: Subscribe<Event>, handlers: StreamHandlers<Event>): () => void {
    const session = this.#acquire();
    const stops = [this.onChange((state) => handlers.onConnection(state)), () => this.#release()];
    let closed = false;
    const begin = (trpc: TRPCClient<AppRouter>) => {
      if (!closed) handlers.onConnection(this.#state);
      if (closed) return;
      const subscription = subscribe(trpc, {
        onData: ({ id, data }) => handlers.onEvent(id, data),
        onError: (error) => handlers.onError(toApiError(error)),
        onComplete: () => handlers.onEnd(),
      });
      stops.push(() => subscription.unsubscribe());
    };
    session.trpc.then(begin).catch((cause: unknown) => {
      if (!closed) handlers.onError(toApiError(cause));
    });
    return () => {
      if (closed) return;
      closed = true;
      for (const stop of stops) stop();
    };
  }

  async close(): Promise<void> {
    this.#change({ state: 'closed' });
    await this.#endSession();
  }

  #acquire(): StreamSession {
    clearTimeout(this.#linger);
    this.#readers += 1;
    this.#session ??= this.#newSession();
    return this.#session;
  }

  #release(): void {
    this.#readers -= 1;
    if (this.#readers > 0 || this.#session === undefined) return;
    this.#linger = setTimeout(() => void this.#endSession(), LINGER_MS);
  }

  #newSession(): StreamSession {
    const session: StreamSession = new StreamSession({
      ...this.#options,
      onState: (state) => {
        if (this.#session === session) this.#change(state);
      },
    });
    return session;
  }

  async #endSession(): Promise<void> {
    clearTimeout(this.#linger);
    const session = this.#session;
    this.#session = undefined;
    this.#change({ state: 'idle' });
    await session?.close();
  }

  #change(state: ConnectionState): void {
    if (this.#state.state === 'closed') return;
    if (this.#state.state === 'idle' && state.state === 'idle') return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
