import { followNodeLog, type LaunchlogClient, type LogConnection } from '@launchlog/sdk';
import { Store } from '../state/store.js';
import type { FollowedLog, StreamState } from './followed-log.js';
import type { Mark } from './line/event-mark.js';
import { CONNECTION_BACK, CONNECTION_LOST, eventMark, failureMark } from './line/event-mark.js';
import type { LogStore } from './store/log-store.js';

interface NodeLogFollowerOptions {
  readonly client: Pick<LaunchlogClient, 'followLog' | 'logs'>;
  readonly store: LogStore;
  readonly nodeId: string;
  readonly onRefused: (error: unknown) => void;
}

/** Follows the log of a node from its first entry into a store, and marks interruptions of the connection there. */
export class NodeLogFollower implements FollowedLog {
  readonly store: LogStore;
  readonly stream = new Store<StreamState>('connecting');
  readonly #options: NodeLogFollowerOptions;
  readonly #stop: () => void;

  /** Starts immediately. */
  constructor(options: NodeLogFollowerOptions) {
    const { client, nodeId, store } = options;
    this.#options = options;
    this.store = store;
    this.#stop = followNodeLog(client, nodeId, {
      tail: 'all',
      onEntries: (entries) => store.push(entries.map((entry) => ({ kind: 'entry', nodeId, entry }))),
      onEvent: (event) => event.type !== 'status' && this.#mark(eventMark(event)),
      onConnection: (connection, error) => this.#show(connection, error),
    });
  }

  close(): void {
    this.#stop();
    this.store.close();
  }

  #show(connection: LogConnection, error: unknown): void {
    if (connection === 'reconnecting') this.#mark(CONNECTION_LOST);
    if (connection === 'live' && this.stream.state === 'reconnecting') this.#mark(CONNECTION_BACK);
    if (connection === 'failed') {
      this.#options.onRefused(error);
      this.#mark(failureMark(error));
    }
    this.stream.set(connection);
  }

  #mark(mark: Mark): void {
    this.store.push([{ kind: 'mark', nodeId: this.#options.nodeId, ...mark }]);
  }
}
