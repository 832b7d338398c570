import type { LogStreamEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { TAIL_MAX, type LogPage, type LogQueryInput } from '@launchlog/shared/log-query';
import { closedError } from './error/launchlog-api-error.js';
import type { ConnectionEvent, FollowEvent, FollowOptions } from './follow-options.js';
import type { LaunchlogClient } from './launchlog-client.js';
import { LOG_BEGINNING, startOf, type LogStart } from './log-start.js';
import { checkStreamOptions } from './option-check.js';
import type { OneOrMany } from './one-or-many.js';

/**
 * - `connecting`: not connected yet; history may be there already
 * - `live`: connected
 * - `reconnecting`: the connection is lost and comes back by itself; nothing is missed
 * - `ended`: the launch has ended, and the log with it
 * - `failed`: the server refused, or stayed away; the error is the reason
 */
export type LogConnection = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed';

/** What a log has beside its entries. */
export type NodeLogEvent = Exclude<
  LogStreamEvent,
  {
    /** Entries come by themselves. */
    readonly type: 'log';
  }
>;

/** Filters, where to start, and who gets what. What one of these functions throws ends the following as `failed`. */
export interface FollowNodeLogOptions extends Omit<FollowOptions, 'signal' | 'connectionEvents'> {
  /**
   * Entries in order, each once: a page of history, or one that is new. `cursor` is the reader's position after them: pass it as
   * the option `cursor` to continue from there.
   */
  readonly onEntries: (entries: readonly LogEntry[], cursor: string) => void;
  /** `status`, `gap`, `reset`, `notice` and `done`, in their place between the entries. */
  readonly onEvent?: ((event: NodeLogEvent) => void) | undefined;
  /** How the stream is, after each change; it begins as `connecting`. `error` is why it is `failed`, undefined otherwise. */
  readonly onConnection?: ((connection: LogConnection, error: unknown) => void) | undefined;
}

/** More entries than this are read as pages: a stream frames, sends and delivers each by itself. */
const STREAMED_TAIL_MAX = 500;

/**
 * Follows a log into a store of your own, and returns the function that stops it. From the beginning (`tail: 'all'`) and with a
 * long `tail` it reads history in pages of 10,000 entries, and then follows: several times as fast as the stream alone. Each
 * entry comes once and in order, across lost connections and restarts of the server. Nothing is called before it has returned,
 * nor after it was stopped. Throws a TypeError for an option that cannot be used.
 */
export function followNodeLog(
  client: Pick<LaunchlogClient, 'logs' | 'followLog'>,
  nodeId: string,
  options: FollowNodeLogOptions,
): () => void {
  checkStreamOptions(options);
  const { onEntries, onEvent, onConnection, ...query } = options;
  if (onEntries === undefined) throw new TypeError("option 'onEntries' must be a function");
  const stop = new AbortController();
  const log = new FollowedLog({ client, nodeId, signal: stop.signal, onEntries, onEvent, onConnection });
  void log.run(startOf(query));
  return () => stop.abort();
}

interface FollowedLogOptions extends Pick<FollowNodeLogOptions, 'onEntries' | 'onEvent' | 'onConnection'> {
  readonly client: Pick<LaunchlogClient, 'logs' | 'followLog'>;
  readonly nodeId: string;
  readonly signal: AbortSignal;
}

class FollowedLog {
  readonly #options: FollowedLogOptions;
  #connection: LogConnection = 'connecting';
  #isDone = false;

  constructor(options: FollowedLogOptions) {
    this.#options = options;
  }

  async run(start: LogStart): Promise<void> {
    const { client, nodeId, signal } = this.#options;
    try {
      const query = await this.#history(start);
      const events = client.followLog(nodeId, { ...query, signal, connectionEvents: true });
      for await (const event of events) this.#take(event);
      if (this.#isDone) this.#show('ended');
      else this.#show('failed', closedError());
    } catch (error) {
      this.#show('failed', error);
    }
  }

  /**
   * Reads what is there already, and returns where the stream continues. If a page fails, the stream takes over: it tries again,
   * and reports an error that is final. A page that is not full is the last one, or the stream has the rest.
   */
  async #history(start: LogStart): Promise<LogStart> {
    const { client, nodeId, signal } = this.#options;
    const { follow, tail = 0, cursor, ...filters } = start;
    const isTail = cursor === undefined && tail > STREAMED_TAIL_MAX;
    if (!isTail && cursor !== LOG_BEGINNING) return start;
    let query: OneOrMany<LogQueryInput> = isTail
      ? { ...filters, tail }
      : { ...filters, cursor, limit: TAIL_MAX };
    let next = start;
    while (!signal.aborted) {
      const page = await client.logs(nodeId, query, { signal }).catch(() => undefined);
      if (page === undefined || signal.aborted) break;
      this.#takePage(page);
      next = { ...filters, follow, cursor: page.nextCursor };
      if (page.logs.length < TAIL_MAX) break;
      query = { ...filters, cursor: page.nextCursor, limit: TAIL_MAX };
    }
    return next;
  }

  #takePage({ logs, nextCursor, gap, reset }: LogPage): void {
    if (reset !== undefined) this.#event({ type: 'reset', reset });
    if (gap !== undefined) this.#event({ type: 'gap', gap });
    if (logs.length > 0) this.#entries(logs, nextCursor);
  }

  #take(event: FollowEvent | ConnectionEvent): void {
    if (event.type === 'connection') return this.#onConnection(event.connection.state);
    if (event.type === 'log' || event.type === 'status') this.#show('live');
    if (event.type === 'done') this.#isDone = true;
    if (event.type === 'log') return this.#entries([event.entry], event.cursor);
    this.#event(event);
  }

  #onConnection(state: ConnectionEvent['connection']['state']): void {
    if (state === 'open') this.#show('live');
    else if (state === 'connecting' && this.#connection === 'live') this.#show('reconnecting');
  }

  #entries(entries: readonly LogEntry[], cursor: string): void {
    if (!this.#options.signal.aborted) this.#options.onEntries(entries, cursor);
  }

  #event(event: NodeLogEvent): void {
    if (!this.#options.signal.aborted) this.#options.onEvent?.(event);
  }

  #show(connection: LogConnection, error?: unknown): void {
    if (this.#options.signal.aborted || connection === this.#connection) return;
    this.#connection = connection;
    this.#options.onConnection?.(connection, error);
  }
}
