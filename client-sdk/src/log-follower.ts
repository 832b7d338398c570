import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import { backoffMs } from './backoff.js';
import type { ConnectionState } from './connection-state.js';
import { EventQueue } from './event-queue.js';
import type { QueueLimits } from './event-queue.js';
import type { ConnectionEvent, FollowEvent } from './follow-options.js';
import { FollowPlace } from './follow-place.js';
import type { LaunchlogApiError } from './launchlog-api-error.js';
import type { LogStreamHandlers, LogStreamSource } from './log-stream-source.js';
import { sleep } from './sleep.js';

/** A stream that lived this long ended for a reason of its own, not because of what made the one before it end. */
const SETTLED_MS = 30_000;

export interface FollowRequest {
  readonly source: LogStreamSource;
  readonly nodeId: string;
  readonly query: LogStreamQueryInput;
  readonly connectionEvents: boolean;
  readonly giveUpAfterMs: number;
  readonly limits?: QueueLimits | undefined;
}

/** One reading of one log: opens streams one after another until the log has ended, and keeps the place between them. */
export class LogFollower {
  readonly #request: FollowRequest;
  readonly #place: FollowPlace;
  readonly #queue: EventQueue;
  readonly #stop = new AbortController();
  #closeStream: (() => void) | undefined;
  #openedAtMs = 0;
  #attempt = 0;
  #troubleSinceMs: number | undefined;
  /** Nothing more is to be opened; what is queued is still read. */
  #ended = false;
  #failure: LaunchlogApiError | undefined;
  #wake: (() => void) | undefined;

  constructor(request: FollowRequest) {
    this.#request = request;
    this.#place = new FollowPlace(request.query.cursor);
    this.#queue = new EventQueue(request.limits);
  }

  /** Ends the reading at once, also one that waits for the next event; what was queued is dropped. */
  stop(): void {
    this.#ended = true;
    this.#closeCurrent();
    this.#queue.clear();
    this.#stop.abort();
    this.#wakeReader();
  }

  /** The reader's side. `return` ends a `next` that waits, which a bare generator would not. */
  iterate(signal: AbortSignal | undefined): AsyncIterator<FollowEvent | ConnectionEvent, void, void> {
    const events = this.#events(signal);
    return {
      next: () => events.next(),
      return: () => {
        this.stop();
        return events.return();
      },
    };
  }

  async *#events(signal: AbortSignal | undefined): AsyncGenerator<FollowEvent | ConnectionEvent, void, void> {
    const onAbort = () => this.stop();
    try {
      if (signal?.aborted) return;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#open();
      for (;;) {
        const event = this.#queue.shift();
        if (event !== undefined) yield event;
        else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#ended) return;
        else if (this.#closeStream === undefined) this.#open();
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.stop();
    }
  }

  #open(): void {
    if (this.#ended) return;
    const { source, nodeId, query } = this.#request;
    const { cursor } = this.#place;
    this.#openedAtMs = performance.now();
    // A late call of a stream that was closed must not touch its successor.
    const current = (act: () => void) => {
      if (this.#closeStream === close && !this.#ended) act();
    };
    const handlers: LogStreamHandlers = {
      onEvent: (place, event) => current(() => this.#take(place, event)),
      onError: (error) => current(() => this.#onError(error)),
      onEnd: () => current(() => this.#onEnd()),
      onConnection: (state) => current(() => this.#onConnection(state)),
    };
    const close = source.open(nodeId, cursor === undefined ? query : { ...query, cursor }, handlers);
    this.#closeStream = close;
  }

  #take(cursor: string, event: LogStreamEvent): void {
    // Full: let go of the stream without taking the event; the reader opens a new one here when it has caught up.
    if (this.#queue.full) return this.#closeCurrent();
    if (!this.#place.advance(event, cursor)) return;
    this.#queue.push({ ...event, cursor });
    if (event.type === 'log') this.#settle();
    if (event.type === 'done') this.#end();
    this.#wakeReader();
  }

  #onEnd(): void {
    if (this.#place.done) this.#end();
    else void this.#openLater(undefined);
    this.#wakeReader();
  }

  #onError(error: LaunchlogApiError): void {
    if (error.retryable) void this.#openLater(error);
    else this.#fail(error);
  }

  #onConnection(state: ConnectionState): void {
    if (state.state === 'open') this.#settle();
    if (this.#request.connectionEvents) {
      this.#queue.push({ type: 'connection', connection: state });
      this.#wakeReader();
    }
    if (state.state === 'closed') return this.#end();
    if (state.state !== 'connecting' || state.error === undefined) return;
    if (!state.error.retryable || this.#troubledTooLong()) this.#fail(state.error);
  }

  async #openLater(error: LaunchlogApiError | undefined): Promise<void> {
    if (performance.now() - this.#openedAtMs > SETTLED_MS) this.#settle();
    if (error !== undefined && this.#troubledTooLong()) return this.#fail(error);
    this.#closeCurrent();
    const waiting = () => undefined;
    this.#closeStream = waiting;
    const delayMs = Math.max(backoffMs(this.#attempt), (error?.retryAfterSeconds ?? 0) * 1_000);
    this.#attempt += 1;
    await sleep(delayMs, this.#stop.signal);
    if (this.#closeStream !== waiting) return;
    this.#closeStream = undefined;
    this.#wakeReader();
  }

  #troubledTooLong(): boolean {
    const nowMs = performance.now();
    this.#troubleSinceMs ??= nowMs;
    return nowMs - this.#troubleSinceMs >= this.#request.giveUpAfterMs;
  }

  #settle(): void {
    this.#attempt = 0;
    this.#troubleSinceMs = undefined;
  }

  #fail(error: LaunchlogApiError): void {
    this.#failure = error;
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#closeCurrent();
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
