import type { ConnectionEvent, FollowEvent, LaunchlogClient } from '@launchlog/sdk';
import { formatCursor, ORIGIN } from '@launchlog/shared/cursor';
import { TAIL_MAX } from '@launchlog/shared/log-query';
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
  readonly #abort = new AbortController();

  /** Starts immediately. */
  constructor(options: NodeLogFollowerOptions) {
    this.#options = options;
    this.store = options.store;
    void this.#run();
  }

  close(): void {
    this.#abort.abort();
    this.store.close();
  }

  async #run(): Promise<void> {
    const { client, nodeId, onRefused } = this.#options;
    const { signal } = this.#abort;
    try {
      const cursor = await this.#history();
      if (signal.aborted) return;
      const events = client.followLog(nodeId, { cursor, signal, connectionEvents: true });
      for await (const event of events) this.#take(event);
      if (!signal.aborted) this.stream.set('ended');
    } catch (error) {
      if (signal.aborted) return;
      onRefused(error);
      this.#mark(failureMark(error));
      this.stream.set('failed');
    }
  }

  /**
   * Reads the existing entries in large pages, which is much faster than streaming them, and returns the cursor from which
   * the stream continues. If a page fails, the stream takes over: it retries, and reports an error that is final. See
   * decision 62.
   */
  async #history(): Promise<string> {
    const { client, nodeId } = this.#options;
    let cursor = formatCursor(ORIGIN);
    try {
      for (let entries = TAIL_MAX; entries === TAIL_MAX && !this.#abort.signal.aborted;) {
        const page = await client.logs(nodeId, { cursor, limit: TAIL_MAX });
        if (page.reset !== undefined) this.#mark(eventMark({ type: 'reset', reset: page.reset }));
        if (page.gap !== undefined) this.#mark(eventMark({ type: 'gap', gap: page.gap }));
        this.store.push(page.logs.map((entry) => ({ kind: 'entry', nodeId, entry })));
        entries = page.logs.length;
        cursor = page.nextCursor;
      }
    } catch {
      return cursor;
    }
    return cursor;
  }

  #take(event: FollowEvent | ConnectionEvent): void {
    switch (event.type) {
      case 'log':
        this.#live();
        this.store.push([{ kind: 'entry', nodeId: this.#options.nodeId, entry: event.entry }]);
        return;
      case 'status':
        this.#live();
        return;
      case 'connection':
        this.#connection(event.connection.state);
        return;
      case 'gap':
      case 'reset':
      case 'notice':
      case 'done':
        this.#mark(eventMark(event));
        return;
    }
  }

  #connection(state: ConnectionEvent['connection']['state']): void {
    if (state === 'open') this.#live();
    else if (state === 'connecting' && this.stream.state === 'live') {
      this.stream.set('reconnecting');
      this.#mark(CONNECTION_LOST);
    }
  }

  #live(): void {
    const before = this.stream.state;
    this.stream.set('live');
    if (before === 'reconnecting') this.#mark(CONNECTION_BACK);
  }

  #mark(mark: Mark): void {
    this.store.push([{ kind: 'mark', nodeId: this.#options.nodeId, ...mark }]);
  }
}
