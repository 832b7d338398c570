import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogStreamQueryInput } from '@launchlog/shared/log-query';
import { ReopenPolicy } from './backoff.js';
import type { ConnectionState } from './connection-state.js';
import { EventQueue } from './event-queue.js';
import type { QueueLimits } from './event-queue.js';
import type { ConnectionEvent, FollowEvent } from './follow-options.js';
import type { LaunchlogApiError } from './launchlog-api-error.js';
import type { LogStreamHandlers, LogStreamSource } from './log-stream-source.js';
import { ReaderPosition } from './reader-position.js';
import { sleep } from './sleep.js';

/** A stream that lived this long (milliseconds) did not end for the same reason as the one before it: the backoff restarts. */
const SETTLED_MS = 30_000;

export interface FollowRequest {
  readonly source: LogStreamSource;
  readonly nodeId: string;
  readonly query: LogStreamQueryInput;
  readonly connectionEvents: boolean;
  readonly giveUpAfterMs: number;
  readonly limits?: QueueLimits | undefined;
}

/**
 * One reader of one log: opens one stream after another until the log has ended, each at the position of the reader.
 *
 *     closed ── #open ──▶ open ── an error, or the end of the stream ──▶ waiting ── the delay is over ──▶ closed
 *       ▲                  │
 *       └── queue is full ─┘
 *
 * A closed stream is reopened when the reader has read all queued events. `#ended` is final: the last event, an error that
 * is not retryable, or the reader itself stops everything. See decision 52.
 */
export class LogFollower {
  readonly #request: FollowRequest;
  readonly #position: ReaderPosition;
  readonly #queue: EventQueue;
  readonly #policy: ReopenPolicy;
  readonly #stop = new AbortController();
  #closeStream: (() => void) | undefined;
  #openedAtMs = 0;
  /** No more streams are opened; queued events are still read. */
  #ended = false;
  #failure: LaunchlogApiError | undefined;
  #wake: (() => void) | undefined;

  constructor(request: FollowRequest) {
    this.#request = request;
    this.#position = new ReaderPosition(request.query.cursor);
    this.#queue = new EventQueue(request.limits);
    this.#policy = new ReopenPolicy(request.giveUpAfterMs);
  }

  /** Ends the iteration at once, even if it waits for the next event, and drops the queued events. */
  stop(): void {
    this.#ended = true;
    this.#closeCurrent();
    this.#queue.clear();
    this.#stop.abort();
    this.#wakeReader();
  }

  /** The reader's side. `return` also ends a pending `next`, which a bare generator would not. */
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
    const { cursor } = this.#position;
    this.#openedAtMs = performance.now();
    // A late call of a closed stream must not affect its successor.
    const ifCurrent = (act: () => void) => {
      if (this.#closeStream === close && !this.#ended) act();
    };
    const handlers: LogStreamHandlers = {
      onEvent: (cursor, event) => ifCurrent(() => this.#onEvent(cursor, event)),
      onError: (error) => ifCurrent(() => this.#onError(error)),
      onEnd: () => ifCurrent(() => this.#onEnd()),
      onConnection: (state) => ifCurrent(() => this.#onConnection(state)),
    };
    const close = source.open(nodeId, cursor === undefined ? query : { ...query, cursor }, handlers);
    this.#closeStream = close;
  }

  #onEvent(cursor: string, event: LogStreamEvent): void {
    // The queue is full: close the stream without this event. The reader opens a new one here once it has caught up.
    if (this.#queue.full) return this.#closeCurrent();
    if (!this.#position.advance(event, cursor)) return;
    this.#queue.push({ ...event, cursor });
    if (event.type === 'log') this.#policy.reset();
    if (event.type === 'done') this.#end();
    this.#wakeReader();
  }

  #onEnd(): void {
    if (this.#position.done) this.#end();
    else void this.#openLater(undefined);
    this.#wakeReader();
  }

  #onError(error: LaunchlogApiError): void {
    if (error.retryable) void this.#openLater(error);
    else this.#fail(error);
  }

  #onConnection(state: ConnectionState): void {
    if (state.state === 'open') this.#policy.reset();
    if (this.#request.connectionEvents) {
      this.#queue.push({ type: 'connection', connection: state });
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
