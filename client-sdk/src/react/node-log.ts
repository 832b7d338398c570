import type { Done, Gap, Notice, Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { ConnectionEvent, FollowEvent, FollowOptions } from '../follow-options.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import { FramedState, nextFrame, type FrameScheduler } from './framed-state.js';
import type { LiveSource } from './shared-source.js';

/**
 * - `connecting`: nothing has arrived yet
 * - `live`: connected
 * - `reconnecting`: the connection is lost and comes back by itself; nothing is missed
 * - `ended`: the launch has ended, and the log with it
 * - `failed`: the server refused, or stayed away; `error` is the reason
 */
export type LogConnection = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed';

export interface NodeLogState {
  /** How the stream is. */
  readonly connection: LogConnection;
  /** In order, each once; the last ones, as many as `maxEntries`. */
  readonly entries: readonly LogEntry[];
  /** Entries that were received and are no longer held here. Example: `0`. */
  readonly droppedCount: number;
  /** Phase and progress at the last entry. */
  readonly status: StatusEvent | undefined;
  /** How the launch ended; undefined while it runs. */
  readonly done: Done | undefined;
  /** Entries that the server no longer had. */
  readonly gaps: readonly Gap[];
  /** The log has begun again, and `entries` with it: why. */
  readonly reset: Reset | undefined;
  /** What readers should know about the server, until the next entry. */
  readonly notice: Notice | undefined;
  /** Why it failed; undefined otherwise. */
  readonly error: unknown;
}

interface NodeLogOptions {
  readonly client: Pick<LaunchlogClient, 'followLog'>;
  readonly nodeId: string;
  readonly query: Omit<FollowOptions, 'signal' | 'connectionEvents'>;
  /** Entries. */
  readonly max: number;
  readonly schedule?: FrameScheduler | undefined;
}

const EMPTY: NodeLogState = {
  connection: 'connecting',
  entries: [],
  droppedCount: 0,
  status: undefined,
  done: undefined,
  gaps: [],
  reset: undefined,
  notice: undefined,
  error: undefined,
};

/** Follows one log into a bounded list. */
export class NodeLog implements LiveSource<NodeLogState> {
  readonly #state: FramedState<NodeLogState>;
  readonly #options: NodeLogOptions;
  #entries: LogEntry[] = [];
  #dropped = 0;
  #run = new AbortController();

  constructor(options: NodeLogOptions) {
    this.#options = options;
    this.#state = new FramedState(EMPTY, options.schedule ?? nextFrame, (next) => this.#finish(next));
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  readonly getSnapshot = (): NodeLogState => this.#state.getSnapshot();

  start(): void {
    this.#run = new AbortController();
    void this.#follow(this.#run.signal);
  }

  stop(): void {
    this.#run.abort();
    this.#forget();
    this.#state.reset(EMPTY);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { client, nodeId, query } = this.#options;
    try {
      const events = client.followLog(nodeId, { ...query, signal, connectionEvents: true });
      for await (const event of events) this.#take(event);
      if (!signal.aborted) this.#state.change({ connection: 'ended' });
    } catch (error) {
      if (!signal.aborted) this.#state.change({ connection: 'failed', error });
    }
  }

  #take(event: FollowEvent | ConnectionEvent): void {
    switch (event.type) {
      case 'log':
        this.#entries.push(event.entry);
        this.#state.change({ connection: 'live', notice: undefined });
        return;
      case 'status':
        this.#state.change({ connection: 'live', status: event.status });
        return;
      case 'connection':
        this.#connection(event.connection.state);
        return;
      case 'gap':
        this.#state.change({ gaps: [...this.#state.next.gaps, event.gap] });
        return;
      case 'reset':
        this.#forget();
        this.#state.change({ reset: event.reset, gaps: [], status: undefined });
        return;
      case 'notice':
        this.#state.change({ notice: event.notice });
        return;
      case 'done':
        this.#state.change({ done: event.done });
        return;
    }
  }

  #connection(state: ConnectionEvent['connection']['state']): void {
    const { connection } = this.#state.next;
    if (state === 'open') this.#state.change({ connection: 'live' });
    else if (state === 'connecting' && connection === 'live') {
      this.#state.change({ connection: 'reconnecting' });
    }
  }

  #forget(): void {
    this.#entries = [];
    this.#dropped = 0;
  }

  #finish(next: NodeLogState): NodeLogState {
    const excess = this.#entries.length - this.#options.max;
    if (excess > 0) {
      this.#entries.splice(0, excess);
      this.#dropped += excess;
    }
    const isSame =
      next.entries.length === this.#entries.length && next.entries.at(-1) === this.#entries.at(-1);
    const entries = isSame ? next.entries : [...this.#entries];
    return { ...next, entries, droppedCount: this.#dropped };
  }
}
