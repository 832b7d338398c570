import type { ConnectionState, LaunchlogClient, MergedFollowEvent } from '@launchlog/sdk';
import type { Notice } from '@launchlog/shared/event';
import type { LogEntry } from '@launchlog/shared/log-entry';
import type { FollowedLog, StreamState } from '../log/followed-log.js';
import type { Mark } from '../log/line/event-mark.js';
import { CONNECTION_BACK, CONNECTION_LOST, eventMark, failureMark } from '../log/line/event-mark.js';
import type { BufferItem } from '../log/line/log-row.js';
import type { LogStore } from '../log/store/log-store.js';
import { Store } from '../state/store.js';
import { earlierLines, isBefore } from './earlier-lines.js';

/** The number of last lines with which the page begins; they arrive at once. Earlier ones are put before them. */
const FIRST_LINES = 500;
/** Maximum number of members; beyond it the oldest are forgotten. */
const MEMBERS_MAX = 1_000;
/** The node id of marks that concern the whole stream. */
const NO_NODE = '';

export interface MergedLogFollowerOptions {
  readonly client: Pick<
    LaunchlogClient,
    'followDeployment' | 'followAll' | 'logs' | 'listNodes' | 'connection' | 'onConnectionChange'
  >;
  readonly store: LogStore;
  /** Undefined for all nodes. */
  readonly deploymentId: string | undefined;
  readonly nowMs: () => number;
  readonly onRefused: (error: unknown) => void;
}

/**
 * Follows the server's merged stream of many logs into a store: the last lines first, all at once; then what comes, while
 * earlier lines are put before them. Nodes that join later are included. See decision 163.
 */
export class MergedLogFollower implements FollowedLog {
  readonly store: LogStore;
  readonly stream = new Store<StreamState>('connecting');
  /** Ids of the nodes whose lines are in the store. */
  readonly members = new Store<ReadonlySet<string>>(new Set());
  readonly #options: MergedLogFollowerOptions;
  readonly #abort = new AbortController();
  /** The first seq of each node that the stream has shown: earlier lines end before it. */
  readonly #firstSeqs = new Map<string, number>();
  /** The last seq of each node among the earlier lines. The stream may repeat entries up to it; they are dropped. */
  readonly #earlierEnds = new Map<string, number>();
  /** What arrived since history was announced; undefined while nothing is held. */
  #held: BufferItem[] | undefined;
  #earlier: 'unread' | 'reading' | 'read' = 'unread';

  /** Starts immediately. */
  constructor(options: MergedLogFollowerOptions) {
    this.#options = options;
    this.store = options.store;
    const stopListening = options.client.onConnectionChange((state) => this.#connection(state));
    this.#abort.signal.addEventListener('abort', stopListening);
    void this.#run();
  }

  close(): void {
    this.#abort.abort();
    this.store.close();
  }

  async #run(): Promise<void> {
    const { client, deploymentId, onRefused } = this.#options;
    const { signal } = this.#abort;
    const options = { tail: FIRST_LINES, announceHistory: true, signal };
    try {
      const events =
        deploymentId === undefined
          ? client.followAll(options)
          : client.followDeployment(deploymentId, options);
      for await (const event of events) this.#take(event);
    } catch (error) {
      if (signal.aborted) return;
      onRefused(error);
      this.#release();
      this.#mark(NO_NODE, failureMark(error));
      this.stream.set('failed');
    }
  }

  /** Puts what was there before the first lines in front of them. */
  async #readEarlier(streamHasMore: boolean): Promise<void> {
    this.#earlier = 'reading';
    this.#live();
    const { client, deploymentId, nowMs } = this.#options;
    const { signal } = this.#abort;
    const query = { deploymentId, nowMs: nowMs(), streamHasMore, signal };
    const { nodeIds, items } = await earlierLines(client, query).catch((error: unknown) => ({
      nodeIds: [],
      items: [{ kind: 'mark', nodeId: NO_NODE, ...failureMark(error) } as const],
    }));
    if (signal.aborted) return;
    this.#join(nodeIds);
    const before = items.filter((item) => isBefore(item, this.#firstSeqs));
    // A node that has just joined may be in the stream from its first line.
    for (const item of before) if (item.kind === 'entry') this.#earlierEnds.set(item.nodeId, item.entry.seq);
    this.store.prepend(before);
    this.#earlier = 'read';
    this.#live();
  }

  #take(event: MergedFollowEvent): void {
    const isAnnounced = event.type === 'notice' && this.#announced(event.notice);
    // A server that announces nothing begins with something else.
    if (!isAnnounced && this.#held === undefined && this.#earlier === 'unread') void this.#readEarlier(true);
    if (isAnnounced) return;
    this.#live();
    if (event.type !== 'end' && event.nodeId !== undefined) this.#join([event.nodeId]);
    switch (event.type) {
      case 'log':
        this.#line(event.nodeId, event.entry);
        return;
      case 'gap':
        this.#mark(event.nodeId, eventMark(event));
        return;
      case 'reset':
        // The seqs begin again at 1: earlier lines cannot be distinguished from those that follow.
        this.#firstSeqs.set(event.nodeId, 0);
        this.#earlierEnds.delete(event.nodeId);
        this.#mark(event.nodeId, eventMark(event));
        return;
      case 'notice':
        this.#mark(event.nodeId ?? NO_NODE, eventMark(event));
        return;
      case 'done':
        this.#mark(event.nodeId, eventMark(event));
        return;
      case 'status':
      case 'end':
        return;
    }
  }

  /** Whether the notice announces the beginning or the end of history. */
  #announced({ code, count }: Notice): boolean {
    if (code === 'history_loading') {
      this.#held = [];
      this.#live();
      return true;
    }
    if (code !== 'history_complete') return false;
    this.#release();
    if (this.#earlier === 'unread') void this.#readEarlier((count ?? FIRST_LINES) >= FIRST_LINES);
    else this.#live();
    return true;
  }

  #line(nodeId: string, entry: LogEntry): void {
    if (entry.seq <= (this.#earlierEnds.get(nodeId) ?? 0)) return;
    if (!this.#firstSeqs.has(nodeId)) this.#firstSeqs.set(nodeId, entry.seq);
    this.#push({ kind: 'entry', nodeId, entry });
  }

  #join(nodeIds: readonly string[]): void {
    const { state } = this.members;
    if (nodeIds.every((nodeId) => state.has(nodeId))) return;
    this.members.set(new Set([...state, ...nodeIds].slice(-MEMBERS_MAX)));
  }

  #connection({ state }: ConnectionState): void {
    if (state === 'open' && this.stream.state === 'reconnecting') this.#live();
    const isBroken = this.stream.state === 'live' || this.stream.state === 'history';
    if (state !== 'connecting' || !isBroken) return;
    this.#release();
    this.stream.set('reconnecting');
    this.#mark(NO_NODE, CONNECTION_LOST);
  }

  /** Lines come. While history is loaded, the page shows that rather than that the log is live. */
  #live(): void {
    const before = this.stream.state;
    this.stream.set(this.#held === undefined && this.#earlier !== 'reading' ? 'live' : 'history');
    if (before === 'reconnecting') this.#mark(NO_NODE, CONNECTION_BACK);
  }

  #mark(nodeId: string, mark: Mark): void {
    this.#push({ kind: 'mark', nodeId, ...mark });
  }

  #push(item: BufferItem): void {
    if (this.#held === undefined) this.store.push([item]);
    else this.#held.push(item);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.store.push(held);
  }
}
