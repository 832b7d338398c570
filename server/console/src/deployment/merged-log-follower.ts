import type { ConnectionState, LaunchlogClient, MergedFollowEvent } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { TAIL_MAX } from '@launchlog/shared/log-query';
import type { FollowedLog, StreamState } from '../log/followed-log.js';
import type { Mark } from '../log/line/event-mark.js';
import { CONNECTION_BACK, CONNECTION_LOST, eventMark, failureMark } from '../log/line/event-mark.js';
import type { LogStore } from '../log/store/log-store.js';
import { Store } from '../state/store.js';
import { deploymentHistory } from './deployment-history.js';

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

/** Follows the server's merged stream of many logs into a store. Nodes that join later are included. */
export class MergedLogFollower implements FollowedLog {
  readonly store: LogStore;
  readonly stream = new Store<StreamState>('connecting');
  /** Ids of the nodes whose lines are in the store. */
  readonly members = new Store<ReadonlySet<string>>(new Set());
  readonly #options: MergedLogFollowerOptions;
  readonly #abort = new AbortController();
  /** The last seq of each node's history. The stream may repeat entries up to it; they are dropped. */
  readonly #historyEnds = new Map<string, number>();

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
    const options = { tail: TAIL_MAX, signal };
    try {
      if (deploymentId !== undefined)
        await this.#history(deploymentId).catch((error: unknown) => this.#mark(NO_NODE, failureMark(error)));
      if (signal.aborted) return;
      const events =
        deploymentId === undefined
          ? client.followAll(options)
          : client.followDeployment(deploymentId, options);
      this.#connection(client.connection);
      for await (const event of events) this.#take(event);
    } catch (error) {
      if (signal.aborted) return;
      onRefused(error);
      this.#mark(NO_NODE, failureMark(error));
      this.stream.set('failed');
    }
  }

  /** Reads the launches that ended too long ago for the server's stream. */
  async #history(deploymentId: string): Promise<void> {
    const { client, nowMs } = this.#options;
    const query = { deploymentId, nowMs: nowMs() };
    const { nodeIds, entries, failed } = await deploymentHistory(client, query);
    if (this.#abort.signal.aborted) return;
    this.#join(nodeIds);
    for (const { nodeId, entry } of entries) this.#historyEnds.set(nodeId, entry.seq);
    this.store.push(entries.map(({ nodeId, entry }) => ({ kind: 'entry', nodeId, entry })));
    for (const { nodeId, error } of failed) this.#mark(nodeId, failureMark(error));
  }

  #take(event: MergedFollowEvent): void {
    this.#live();
    if (event.type !== 'end' && event.nodeId !== undefined) this.#join([event.nodeId]);
    switch (event.type) {
      case 'log':
        this.#line(event.nodeId, event.entry);
        return;
      case 'gap':
        if (event.gap.to_seq > this.#historyEnd(event.nodeId)) this.#mark(event.nodeId, eventMark(event));
        return;
      case 'reset':
        this.#historyEnds.delete(event.nodeId);
        this.#mark(event.nodeId, eventMark(event));
        return;
      case 'notice':
        this.#mark(event.nodeId ?? NO_NODE, eventMark(event));
        return;
      case 'done':
        this.#historyEnds.delete(event.nodeId);
        this.#mark(event.nodeId, eventMark(event));
        return;
      case 'status':
      case 'end':
        return;
    }
  }

  #line(nodeId: string, entry: LogEntry): void {
    if (entry.seq > this.#historyEnd(nodeId)) this.store.push([{ kind: 'entry', nodeId, entry }]);
  }

  #historyEnd(nodeId: string): number {
    return this.#historyEnds.get(nodeId) ?? 0;
  }

  #join(nodeIds: readonly string[]): void {
    const { state } = this.members;
    if (nodeIds.every((nodeId) => state.has(nodeId))) return;
    this.members.set(new Set([...state, ...nodeIds].slice(-MEMBERS_MAX)));
  }

  #connection({ state }: ConnectionState): void {
    if (state === 'open') this.#live();
    else if (state === 'connecting' && this.stream.state === 'live') {
      this.stream.set('reconnecting');
      this.#mark(NO_NODE, CONNECTION_LOST);
    }
  }

  #live(): void {
    const before = this.stream.state;
    this.stream.set('live');
    if (before === 'reconnecting') this.#mark(NO_NODE, CONNECTION_BACK);
  }

  #mark(nodeId: string, mark: Mark): void {
    this.store.push([{ kind: 'mark', nodeId, ...mark }]);
  }
}
