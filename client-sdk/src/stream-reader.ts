import { ReopenPolicy } from './backoff.js';
import type { ConnectionState } from './connection-state.js';
import type { LaunchlogApiError } from './launchlog-api-error.js';
import type { StreamHandlers } from './log-stream-source.js';
import { sleep } from './sleep.js';

/** Events that are queued for a slow reader. Beyond that the stream is closed, and reopened at the reader's position. */
const EVENTS_MAX = 2_000;

interface StreamReaderOptions<Event> {
  /** Opens the stream after an event id, or at its beginning if undefined. */
  readonly open: (lastId: string | undefined, handlers: StreamHandlers<Event>) => () => void;
  /** True if nothing follows this event. */
  readonly isLast: (event: Event) => boolean;
  readonly giveUpAfterMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One reader of a resumable stream: opens one stream after another, each after the last event of the one before. */
export class StreamReader<Event> {
  readonly #options: StreamReaderOptions<Event>;
  readonly #policy: ReopenPolicy;
  readonly #stop = new AbortController();
  #queue: { readonly id: string; readonly event: Event }[] = [];
  #lastId: string | undefined;
  #closeStream: (() => void) | undefined;
  #ended = false;
  #failure: LaunchlogApiError | undefined;
  #wake: (() => void) | undefined;

  constructor(options: StreamReaderOptions<Event>) {
    this.#options = options;
    this.#policy = new ReopenPolicy(options.giveUpAfterMs);
  }

  /** The reader's side. `return` also ends a pending `next`, which a bare generator would not. */
  iterate(): AsyncIterator<Event & { readonly cursor: string }, void, void> {
    const events = this.#events();
    return {
      next: () => events.next(),
      return: () => {
        this.#end();
        return events.return();
      },
    };
  }

  async *#events(): AsyncGenerator<Event & { readonly cursor: string }, void, void> {
    const { signal } = this.#options;
    const onAbort = () => {
      this.#queue = [];
      this.#end();
    };
    if (signal?.aborted) return;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) yield { ...next.event, cursor: next.id };
        else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#ended) return;
        else if (this.#closeStream === undefined) this.#open();
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#end();
    }
  }

  #open(): void {
    const ifCurrent = (act: () => void) => {
      if (this.#closeStream === close && !this.#ended) act();
    };
    const close = this.#options.open(this.#lastId, {
      onEvent: (id, event) => ifCurrent(() => this.#onEvent(id, event)),
      onError: (error) => ifCurrent(() => this.#onError(error)),
      onEnd: () => ifCurrent(() => void this.#openLater()),
      onConnection: (state) => ifCurrent(() => this.#onConnection(state)),
    });
    this.#closeStream = close;
  }

  #onEvent(id: string, event: Event): void {
    if (this.#queue.length >= EVENTS_MAX) return this.#closeCurrent();
    this.#policy.reset();
    this.#lastId = id;
    this.#queue.push({ id, event });
    if (this.#options.isLast(event)) this.#end();
    this.#wakeReader();
  }

  #onError(error: LaunchlogApiError): void {
    if (error.retryable && !this.#policy.shouldGiveUp()) void this.#openLater(error.retryAfterSeconds);
    else this.#fail(error);
  }

  #onConnection(state: ConnectionState): void {
    if (state.state === 'open') this.#policy.onReachable();
    if (state.state === 'closed') return this.#end();
    if (state.state !== 'connecting' || state.error === undefined) return;
    if (!state.error.retryable || this.#policy.shouldGiveUp()) this.#fail(state.error);
  }

  async #openLater(retryAfterSeconds?: number): Promise<void> {
    this.#closeCurrent();
    const waiting = () => undefined;
    this.#closeStream = waiting;
    await sleep(this.#policy.nextDelayMs(retryAfterSeconds), this.#stop.signal);
    if (this.#closeStream === waiting) this.#closeStream = undefined;
    this.#wakeReader();
  }

  #fail(error: LaunchlogApiError): void {
    this.#failure = error;
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#closeCurrent();
    this.#stop.abort();
    this.#wakeReader();
  }

  #closeCurrent(): void {
    const close = this.#closeStream;
    this.#closeStream = undefined;
    close?.();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
