import type { ConnectionEvent, FollowEvent, LaunchlogClient } from '@launchlog/sdk';
import { formatCursor, ORIGIN } from '@launchlog/shared/cursor';
import type { Done } from '@launchlog/shared/event';
import type { LogQueryInput } from '@launchlog/shared/log-query';
import { TAIL_MAX } from '@launchlog/shared/log-query';
import { FAILURE_WORDS } from '../node/node-words.js';
import { Store } from '../ui/store.js';
import type { LogItem, MarkTone } from './log-row.js';
import type { LogStore } from './log-store.js';

export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed';

/** `everything`: from the first entry on. A number: the last so many entries of each node. */
export type FollowExtent = 'everything' | number;

type Place = Pick<LogQueryInput, 'cursor' | 'tail'>;

interface LogFollowerOptions {
  readonly client: Pick<LaunchlogClient, 'followLog' | 'logs'>;
  readonly store: LogStore;
  readonly extent: FollowExtent;
  /** Phase or status of a node has changed. */
  readonly onStatus: () => void;
  readonly onRefused: (error: unknown) => void;
}

/** Follows the logs of some nodes into one store, and says there what became of the connection. */
export class LogFollower {
  readonly store: LogStore;
  readonly stream = new Store<StreamState>('connecting');
  readonly #options: LogFollowerOptions;
  readonly #abort = new AbortController();
  readonly #followed = new Set<string>();
  #open = 0;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.store = options.store;
  }

  /** Begins to follow those that are not followed yet. */
  follow(nodeIds: readonly string[]): void {
    for (const nodeId of nodeIds) {
      if (this.#followed.has(nodeId)) continue;
      this.#followed.add(nodeId);
      this.#open += 1;
      if (this.stream.state === 'ended') this.stream.set('live');
      void this.#run(nodeId);
    }
  }

  close(): void {
    this.#abort.abort();
    this.store.close();
  }

  async #run(nodeId: string): Promise<void> {
    const { client, onRefused } = this.#options;
    const { signal } = this.#abort;
    try {
      const place = await this.#history(nodeId);
      if (signal.aborted) return;
      const events = client.followLog(nodeId, { ...place, signal, connectionEvents: true });
      for await (const event of events) this.#take(nodeId, event);
      this.#ended('ended');
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      onRefused(error);
      this.#mark(
        nodeId,
        'error',
        `The log cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
      this.#ended('failed');
    }
  }

  /**
   * Reads what there is in large pages, many times as fast as a stream brings it, and says where the stream goes on.
   * What fails here is left to the stream: it tries again for as long as it takes, and says why when it gives up.
   */
  async #history(nodeId: string): Promise<Place> {
    const { client, extent } = this.#options;
    let place: Place = extent === 'everything' ? { cursor: formatCursor(ORIGIN) } : { tail: extent };
    try {
      for (let entries = TAIL_MAX; entries === TAIL_MAX && !this.#abort.signal.aborted;) {
        const page = await client.logs(nodeId, { ...place, limit: TAIL_MAX });
        if (page.reset !== undefined) this.#take(nodeId, { type: 'reset', reset: page.reset, cursor: '' });
        if (page.gap !== undefined) this.#take(nodeId, { type: 'gap', gap: page.gap, cursor: '' });
        this.store.push(page.logs.map((entry) => ({ kind: 'entry', nodeId, entry })));
        entries = page.logs.length;
        place = { cursor: page.nextCursor };
      }
    } catch {
      return place;
    }
    return place;
  }

  #take(nodeId: string, event: FollowEvent | ConnectionEvent): void {
    switch (event.type) {
      case 'log':
        this.#live(nodeId);
        this.store.push([{ kind: 'entry', nodeId, entry: event.entry }]);
        return;
      case 'status':
        this.#live(nodeId);
        this.#options.onStatus();
        return;
      case 'gap': {
        const { from_seq: from, to_seq: to, reason } = event.gap;
        const lines = from === to ? `Line ${from} is` : `Lines ${from} to ${to} are`;
        this.#mark(nodeId, 'warn', `${lines} no longer held (${reason})`);
        return;
      }
      case 'reset':
        this.#mark(nodeId, 'warn', `The log began anew (${event.reset.reason}). What is held of it follows.`);
        return;
      case 'notice':
        this.#mark(nodeId, 'info', event.notice.message);
        return;
      case 'done':
        this.#options.onStatus();
        this.#mark(nodeId, ...doneMark(event.done));
        return;
      case 'connection':
        this.#connection(nodeId, event.connection.state);
        return;
    }
  }

  /** All logs share one connection: the first to hear of a change says it, the others would only repeat it. */
  #connection(nodeId: string, state: ConnectionEvent['connection']['state']): void {
    if (state === 'open') this.#live(nodeId);
    else if (state === 'connecting' && this.stream.state === 'live') {
      this.stream.set('reconnecting');
      this.#mark(nodeId, 'warn', 'Connection lost. Reconnecting…');
    }
  }

  #live(nodeId: string): void {
    const before = this.stream.state;
    if (before === 'live') return;
    this.stream.set('live');
    if (before === 'reconnecting') this.#mark(nodeId, 'info', 'Reconnected. The log goes on where it was.');
  }

  #ended(state: 'ended' | 'failed'): void {
    this.#open -= 1;
    if (this.#open === 0 && !this.#abort.signal.aborted) this.stream.set(state);
  }

  #mark(nodeId: string, tone: MarkTone, text: string): void {
    const item: LogItem = { kind: 'mark', nodeId, tone, text };
    this.store.push([item]);
  }
}

function doneMark(done: Done): [MarkTone, string] {
  if (done.status === 'active') return ['success', `Launch complete. ${done.message}`];
  const reason = done.reason === undefined ? 'Launch failed' : FAILURE_WORDS[done.reason];
  return [done.status === 'failed' ? 'error' : 'info', `${reason}. ${done.message}`];
}
