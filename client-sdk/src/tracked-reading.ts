import { backoffMs } from './backoff.js';
import type { ConnectionState } from './connection-state.js';
import type { LaunchlogApiError } from './launchlog-api-error.js';
import type { StreamHandlers } from './log-stream-source.js';
import { sleep } from './sleep.js';

/** Events a slow reader holds; then the stream is let go and opened again where the reader has come to. */
const EVENTS_MAX = 2_000;

export interface TrackedReadingOptions<Event> {
  /** Opens the stream behind an id; undefined: from its beginning. */
  readonly open: (lastId: string | undefined, handlers: StreamHandlers<Event>) => () => void;
  /** Nothing follows this event. */
  readonly isLast: (event: Event) => boolean;
  readonly giveUpAfterMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One reading of a resumable stream: opens one after another, each behind the last event of the one before. */
export class TrackedReading<Event> {
  readonly #options: TrackedReadingOptions<Event>;
  readonly #stop = new AbortController();
  #queue: { readonly id: string; readonly event: Event }[] = [];
  #lastId: string | undefined;
  #close: (() => void) | undefined;
  #ended = false;
  #failure: LaunchlogApiError | undefined;
  #attempt = 0;
  #troubleSinceMs: number | undefined;
  #wake: (() => void) | undefined;

  constructor(options: TrackedReadingOptions<Event>) {
    this.#options = options;
  }

  /** The reader's side. `return` ends a `next` that waits, which a bare generator would not. */
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
        else if (this.#close === undefined) this.#open();
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#end();
    }
  }

  #open(): void {
    const current = (act: () => void) => {
      if (this.#close === close && !this.#ended) act();
    };
    const close = this.#options.open(this.#lastId, {
      onEvent: (id, event) => current(() => this.#take(id, event)),
      onError: (error) => current(() => this.#onError(error)),
      onEnd: () => current(() => void this.#openLater()),
      onConnection: (state) => current(() => this.#onConnection(state)),
    });
    this.#close = close;
  }

  #take(id: string, event: Event): void {
    if (this.#queue.length >= EVENTS_MAX) return this.#letGo();
    this.#attempt = 0;
    this.#troubleSinceMs = undefined;
    this.#lastId = id;
    this.#queue.push({ id, event });
    if (this.#options.isLast(event)) this.#end();
    this.#wakeReader();
  }

  #onError(error: LaunchlogApiError): void {
    if (error.retryable && !this.#troubledTooLong()) void this.#openLater(error.retryAfterSeconds);
    else this.#fail(error);
  }

  #onConnection(state: ConnectionState): void {
    if (state.state === 'open') this.#troubleSinceMs = undefined;
    if (state.state === 'closed') return this.#end();
    if (state.state !== 'connecting' || state.error === undefined) return;
    if (!state.error.retryable || this.#troubledTooLong()) this.#fail(state.error);
  }

  async #openLater(retryAfterSeconds = 0): Promise<void> {
    this.#letGo();
    const waiting = () => undefined;
    this.#close = waiting;
    const delayMs = Math.max(backoffMs(this.#attempt), retryAfterSeconds * 1_000);
    this.#attempt += 1;
    await sleep(delayMs, this.#stop.signal);
    if (this.#close === waiting) this.#close = undefined;
    this.#wakeReader();
  }

  #troubledTooLong(): boolean {
    const nowMs = performance.now();
    this.#troubleSinceMs ??= nowMs;
    return nowMs - this.#troubleSinceMs >= this.#options.giveUpAfterMs;
  }

  #fail(error: LaunchlogApiError): void {
    this.#failure = error;
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#letGo();
    this.#stop.abort();
    this.#wakeReader();
  }

  #letGo(): void {
    const close = this.#close;
    this.#close = undefined;
    close?.();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
