import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import type { ConnectionListener, ConnectionState } from '../connection-state.js';
import { closedError } from '../error/launchlog-api-error.js';
import { toApiError } from '../error/to-api-error.js';
import type { LogStreamHandlers, LogStreamSource, StreamHandlers } from './log-stream-source.js';
import { StreamSession } from './stream-session.js';
import type { StreamSessionOptions, Subscription } from './stream-session.js';

/** How long an unused connection stays open for the next reader, milliseconds. */
const LINGER_MS = 1_000;

/** The connection shared by all logs that a client follows; open only while it is needed. */
export class StreamConnection implements LogStreamSource {
  readonly #options: Omit<StreamSessionOptions, 'onState' | 'onBroken'>;
  readonly #listeners = new Set<ConnectionListener>();
  readonly #onBroken = new Set<(cause: unknown) => void>();
  #state: ConnectionState = { state: 'idle' };
  #session: StreamSession | undefined;
  #readers = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(options: Omit<StreamSessionOptions, 'onState' | 'onBroken'>) {
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
    return this.openStream({ path: 'nodes.logsStream', input: { nodeId, ...query } }, handlers);
  }

  /** Opens any subscription. */
  openStream<Event>(subscription: Subscription, handlers: StreamHandlers<Event>): () => void {
    let closed = false;
    const onBroken = (cause: unknown) => handlers.onError(cause);
    const stops = [this.onChange((state) => handlers.onConnection(state))];
    const begin = async () => {
      if (this.#state.state === 'closed') return handlers.onError(closedError());
      this.#onBroken.add(onBroken);
      const session = this.#acquire();
      stops.push(
        () => this.#release(),
        () => void this.#onBroken.delete(onBroken),
      );
      const subscribe = await session.subscribe;
      if (!closed) handlers.onConnection(this.#state);
      if (closed) return;
      const stop = subscribe(subscription, {
        onData: ({ id, data }) => handlers.onEvent(id, data as Event),
        onError: (error) => handlers.onError(toApiError(error)),
        onComplete: () => handlers.onEnd(),
      });
      if (closed) stop();
      else stops.push(stop);
    };
    // Not before this function has returned: its caller must be able to close what a handler complains about.
    queueMicrotask(() => {
      if (!closed) begin().catch((cause: unknown) => (closed ? undefined : handlers.onError(cause)));
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
    // Nobody waits for a connection that was refused: the next reader begins a new one.
    const lingerMs = this.#state.state === 'open' ? LINGER_MS : 0;
    this.#linger = setTimeout(() => void this.#endSession(), lingerMs);
  }

  #newSession(): StreamSession {
    const session: StreamSession = new StreamSession({
      ...this.#options,
      onState: (state) => {
        if (this.#session === session) this.#change(state);
      },
      onBroken: (cause) => {
        if (this.#session !== session) return;
        for (const tell of this.#onBroken) tell(cause);
        void this.#endSession();
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
