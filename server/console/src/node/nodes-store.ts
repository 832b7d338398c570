import type { LaunchlogClient, Node } from '@launchlog/sdk';
import { NodePool } from '@launchlog/sdk/react';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import type { FrameScheduler } from '../state/frame-scheduler.js';
import { createService } from '../state/service.js';
import { problemText } from '../ui/problem-text.js';
import { Store } from '../state/store.js';

interface NodesState {
  /** No snapshot has arrived yet. */
  readonly loading: boolean;
  /** Newest first. */
  readonly nodes: readonly Node[];
  /** The server has older nodes that are not listed. */
  readonly more: boolean;
  /** Why the list may be out of date. The nodes shown are the last ones received. */
  readonly problem: string | undefined;
}

/** Interval at which forecasts are read while launches run: they age without a change of the node. */
const FORECASTS_MS = 15_000;
const INITIAL: NodesState = { loading: true, nodes: [], more: false, problem: undefined };

export interface NodesStoreOptions {
  readonly client: Pick<LaunchlogClient, 'watchNodes' | 'listNodes' | 'getNode' | 'onConnectionChange'>;
  readonly schedule: FrameScheduler;
  readonly onRefused: (error: unknown) => void;
}

/** The newest nodes and those that a page asks for by name, kept up to date by one watch while somebody is signed in. */
export class NodesStore {
  readonly store = new Store<NodesState>(INITIAL);
  readonly pool: NodePool;
  readonly #options: NodesStoreOptions;
  #run: AbortController | undefined;

  constructor(options: NodesStoreOptions) {
    this.#options = options;
    const { client, schedule, onRefused } = options;
    this.pool = new NodePool({ client, schedule, limit: NODE_LIST_MAX, onError: onRefused });
    this.pool.subscribe(() => this.#show());
  }

  start(): void {
    if (this.#run !== undefined) return;
    const run = new AbortController();
    this.#run = run;
    const stopListening = this.#options.client.onConnectionChange((connection) => {
      if (connection.state === 'open') this.pool.report(undefined);
      if (connection.state === 'connecting' && connection.error !== undefined)
        this.pool.report(connection.error);
    });
    const timer = setInterval(() => void this.#readForecasts(), FORECASTS_MS);
    run.signal.addEventListener('abort', () => {
      stopListening();
      clearInterval(timer);
    });
    this.pool.start();
  }

  /** Forgets all nodes: the next person to sign in may have other rights. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.pool.stop();
  }

  /** Applies the answer of a call, so that the page need not wait for the watch. */
  put(node: Node): void {
    this.pool.put(node);
  }

  #show(): void {
    const { isLoading: loading, nodes, hasMore: more, error } = this.pool.getSnapshot();
    const problem = error === undefined ? undefined : problemText(error);
    this.store.set({ loading, nodes, more, problem });
  }

  async #readForecasts(): Promise<void> {
    if (!this.pool.getSnapshot().nodes.some((node) => node.status === 'launching')) return;
    try {
      const page = await this.#options.client.listNodes({ status: ['launching'], limit: NODE_LIST_MAX });
      for (const node of page.nodes) this.put(node);
    } catch (error) {
      this.#options.onRefused(error);
    }
  }
}

export const [NodesContext, useNodesStore] = createService<NodesStore>('NodesStore');
