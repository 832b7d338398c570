import type { Done, Gap, Notice, Reset, StatusEvent } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import {
  followNodeLog,
  type FollowNodeLogOptions,
  type LogConnection,
  type NodeLogEvent,
} from '../follow-node-log.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import { FramedState, nextFrame, type FrameScheduler } from './framed-state.js';
import type { LiveSource } from './shared-source.js';

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
  readonly client: Pick<LaunchlogClient, 'logs' | 'followLog'>;
  readonly nodeId: string;
  readonly query: Omit<FollowNodeLogOptions, 'onEntries' | 'onEvent' | 'onConnection'>;
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
  #stop: (() => void) | undefined;

  constructor(options: NodeLogOptions) {
    this.#options = options;
    this.#state = new FramedState(EMPTY, options.schedule ?? nextFrame, (next) => this.#finish(next));
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  readonly getSnapshot = (): NodeLogState => this.#state.getSnapshot();

  start(): void {
    const { client, nodeId, query } = this.#options;
    this.#stop = followNodeLog(client, nodeId, {
      ...query,
      onEntries: (entries) => this.#add(entries),
      onEvent: (event) => this.#take(event),
      onConnection: (connection, error) => this.#state.change({ connection, error }),
    });
  }

  stop(): void {
    this.#stop?.();
    this.#forget();
    this.#state.reset(EMPTY);
  }

  #add(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#entries.push(entry);
    this.#state.change({ notice: undefined });
  }

  #take(event: NodeLogEvent): void {
    switch (event.type) {
      case 'status':
        this.#state.change({ status: event.status });
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
