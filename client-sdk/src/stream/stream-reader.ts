import { ReopenPolicy } from './backoff.js';
import type { ConnectionState } from '../connection-state.js';
import { EventQueue } from './event-queue.js';
import type { QueuedEvent, QueueLimits } from './event-queue.js';
import type { UnknownEvent } from '../client-options.js';
import { LaunchlogApiError } from '../error/launchlog-api-error.js';
import type { StreamHandlers } from './log-stream-source.js';
import type { StreamPosition } from './reader-position.js';
import { sleep } from '../sleep.js';

/** A stream that lived this long (milliseconds) did not end for the same reason as the one before it: the backoff restarts. */
const SETTLED_MS = 30_000;
/** A server sends these on every connect, also one that cannot continue the stream. */
const GREETINGS: readonly string[] = ['status', 'snapshot', 'notice'];

type Delivered<Event> = Event & { readonly cursor: string };

interface StreamReaderOptions<Event, Extra> {
  /** Opens the stream after a cursor, or at its beginning if undefined. */
  readonly open: (cursor: string | undefined, handlers: StreamHandlers<Event>) => () => void;
  readonly position: StreamPosition<Event>;
  /** True if nothing follows this event. */
  readonly isLast: (event: Event) => boolean;
  readonly giveUpAfterMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Makes an event of a change of the connection, for readers that want to see it. */
  readonly onConnection?: ((state: ConnectionState) => Extra) | undefined;
  readonly limits?: QueueLimits | undefined;
  readonly known: KnownEvents;
}

/** The types of events that this version knows, and who gets the others. */
export interface KnownEvents {
  readonly types: readonly string[];
  readonly onUnknown: ((event: UnknownEvent) => void) | undefined;
}

/**
 * One reader of a resumable stream: opens one stream after another until the last event, each at the position of the reader.
 *
 *     closed ── #open ──▶ open ── an error, or the end of the stream ──▶ waiting ── the delay is over ──▶ closed
 *       ▲                  │
 *       └── queue is full ─┘
 *
 * A closed stream is reopened when the reader has read all queued events. `#ended` is final: the last event, an error that
 * is not retryable, or the reader itself stops everything. See decision 52.
 */
export class StreamReader<Event extends QueuedEvent, Extra extends QueuedEvent = never> {
  readonly #options: StreamReaderOptions<Event, Extra>;
  readonly #queue: EventQueue<Delivered<Event> | Extra>;
  readonly #policy: ReopenPolicy;
  readonly #stop = new AbortController();
  #closeStream: (() => void) | undefined;
  #openedAtMs = 0;
  /** No more streams are opened; queued events are still read. */
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(options: StreamReaderOptions<Event, Extra>) {
    this.#options = options;
    this.#queue = new EventQueue(options.limits);
    this.#policy = new ReopenPolicy(options.giveUpAfterMs);
  }

  /** The reader's side. `return` also ends a pending `next`, which a bare generator would not. */
  iterate(): AsyncIterator<Delivered<Event> | Extra, void, void> {
    const events = this.#events();
    return {
      next: () => events.next(),
      return: () => {
        this.#abandon();
        return events.return();
      },
    };
  }

  async *#events(): AsyncGenerator<Delivered<Event> | Extra, void, void> {
    const { signal } = this.#options;
    const onAbort = () => this.#abandon();
    try {
      if (signal?.aborted) return;
      signal?.addEventListener('abort', onAbort, { once: true });
      for (;;) {
        const event = this.#queue.shift();
        if (event !== undefined) yield event;
        else if (this.#failure !== undefined) throw this.#failure.cause;
        else if (this.#ended) return;
        else if (this.#closeStream === undefined) this.#open();
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#abandon();
    }
  }

  #open(): void {
    this.#openedAtMs = performance.now();
    // A late call of a closed stream must not affect its successor.
    const ifCurrent = (act: () => void) => {
      if (this.#closeStream === close && !this.#ended) act();
    };
    const close = this.#options.open(this.#options.position.cursor, {
      onEvent: (cursor, event) => ifCurrent(() => this.#onEvent(cursor, event)),
      onError: (error) => ifCurrent(() => this.#onError(error)),
      onEnd: () => ifCurrent(() => this.#onEnd()),
      onConnection: (state) => ifCurrent(() => this.#onConnection(state)),
    });
    this.#closeStream = close;
  }

  #onEvent(cursor: string, event: Event): void {
    // The queue is full: close the stream without this event. The reader opens a new one here once it has caught up.
    if (this.#queue.full) return this.#closeCurrent();
    if (!this.#options.position.advance(event, cursor)) return;
    const { types, onUnknown } = this.#options.known;
    if (!types.includes(event.type)) return onUnknown?.({ ...event, cursor });
    this.#queue.push({ ...event, cursor });
    if (!GREETINGS.includes(event.type)) this.#policy.reset();
    if (this.#options.isLast(event)) this.#end();
    this.#wakeReader();
  }

  #onEnd(): void {
    if (this.#options.position.done) this.#end();
    else void this.#openLater(undefined);
  }

  #onError(error: unknown): void {
    if (error instanceof LaunchlogApiError && error.retryable) void this.#openLater(error);
    else this.#fail(error);
  }

  #onConnection(state: ConnectionState): void {
    if (state.state === 'open') this.#policy.onReachable();
    const { onConnection } = this.#options;
    if (onConnection !== undefined) {
      this.#queue.push(onConnection(state));
      this.#wakeReader();
    }
    if (state.state === 'closed') return this.#end();
    if (state.state !== 'connecting' || state.error === undefined) return;
    if (!state.error.retryable || this.#policy.shouldGiveUp()) this.#fail(state.error);
  }

  async #openLater(error: LaunchlogApiError | undefined): Promise<void> {
    if (performance.now() - this.#openedAtMs > SETTLED_MS) this.#policy.reset();
    if (error !== undefined && this.#policy.shouldGiveUp()) return this.#fail(error);
    this.#closeCurrent();
    const waiting = () => undefined;
    this.#closeStream = waiting;
    await sleep(this.#policy.nextDelayMs(error?.retryAfterSeconds), this.#stop.signal);
    if (this.#closeStream !== waiting) return;
    this.#closeStream = undefined;
    this.#wakeReader();
  }

  #fail(cause: unknown): void {
    this.#failure = { cause };
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#closeCurrent();
    this.#stop.abort();
    this.#wakeReader();
  }

  /** The reader has left: the queued events are dropped too. */
  #abandon(): void {
    this.#queue.clear();
    this.#end();
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
