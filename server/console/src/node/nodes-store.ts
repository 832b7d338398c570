import type { LaunchlogClient, Node } from '@launchlog/sdk';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { delay } from '../state/delay.js';
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

/** Delay before a watch that ended or failed is opened again. */
const RETRY_MS = 5_000;
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
  readonly #options: NodesStoreOptions;
  readonly #wanted = new Map<string, number>();
  readonly #nodes = new Map<string, Node>();
  #next: NodesState = INITIAL;
  #cancelFrame: (() => void) | undefined;
  #run: AbortController | undefined;

  constructor(options: NodesStoreOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#run !== undefined) return;
    const run = new AbortController();
    this.#run = run;
    const stopListening = this.#options.client.onConnectionChange((connection) => {
      if (connection.state === 'open') this.#setProblem(undefined);
      if (connection.state === 'connecting' && connection.error !== undefined)
        this.#setProblem(problemText(connection.error));
    });
    const timer = setInterval(() => void this.#readForecasts(), FORECASTS_MS);
    run.signal.addEventListener('abort', () => {
      stopListening();
      clearInterval(timer);
    });
    void this.#watch(run.signal);
  }

  /** Forgets all nodes: the next person to sign in may have other rights. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    this.#nodes.clear();
    this.#next = INITIAL;
    this.store.set(INITIAL);
  }

  /** Keeps a node even if it is too old for the list. Call the returned function when it is no longer needed. */
  want(name: string): () => void {
    this.#wanted.set(name, (this.#wanted.get(name) ?? 0) + 1);
    return () => {
      const left = (this.#wanted.get(name) ?? 1) - 1;
      if (left > 0) this.#wanted.set(name, left);
      else this.#wanted.delete(name);
    };
  }

  /** Applies the answer of a call, so that the page need not wait for the watch. */
  put(node: Node): void {
    if (this.#run === undefined) return;
    this.#keepNewer(node);
    this.#change({});
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, onRefused } = this.#options;
    while (!signal.aborted) {
      try {
        for await (const event of client.watchNodes({ limit: NODE_LIST_MAX, signal })) {
          if (!signal.aborted) this.#apply(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        onRefused(error);
        this.#setProblem(problemText(error));
      }
      await delay(RETRY_MS, signal);
    }
  }

  #apply(event: NodeWatchEvent): void {
    switch (event.type) {
      case 'snapshot': {
        const older = [...this.#nodes.values()].filter((node) => this.#isWanted(node));
        this.#nodes.clear();
        for (const node of older) this.#nodes.set(node.id, node);
        for (const node of event.nodes) this.#nodes.set(node.id, node);
        this.#change({ loading: false, more: event.more, problem: undefined });
        void this.#refresh(older.filter((node) => !event.nodes.some((other) => other.id === node.id)));
        return;
      }
      case 'node':
        this.#keepNewer(event.node);
        this.#change({});
        return;
      case 'gone':
        this.#nodes.delete(event.nodeId);
        this.#change({});
        return;
      case 'window':
        return;
      case 'notice':
        this.#setProblem(event.notice.code === 'node_store_back' ? undefined : event.notice.message);
        return;
    }
  }

  /** Keeps the newer version: the watch may have overtaken an answer. */
  #keepNewer(node: Node): void {
    const known = this.#nodes.get(node.id);
    if (known === undefined || known.updatedAt <= node.updatedAt) this.#nodes.set(node.id, node);
  }

  #isWanted(node: Node): boolean {
    return this.#wanted.has(node.id) || this.#wanted.has(node.clusterName);
  }

  async #refresh(nodes: readonly Node[]): Promise<void> {
    const answers = await Promise.allSettled(nodes.map((node) => this.#options.client.getNode(node.id)));
    for (const answer of answers) if (answer.status === 'fulfilled') this.put(answer.value);
  }

  async #readForecasts(): Promise<void> {
    if (![...this.#nodes.values()].some((node) => node.status === 'launching')) return;
    try {
      const page = await this.#options.client.listNodes({ status: ['launching'], limit: NODE_LIST_MAX });
      for (const node of page.nodes) this.put(node);
    } catch (error) {
      this.#options.onRefused(error);
    }
  }

  #setProblem(problem: string | undefined): void {
    if (this.#next.problem !== problem) this.#change({ problem });
  }

  /** Publishes once per frame, however many nodes change in it. */
  #change(patch: Partial<NodesState>): void {
    this.#next = { ...this.#next, ...patch };
    this.#cancelFrame ??= this.#options.schedule(() => {
      this.#cancelFrame = undefined;
      this.#publish();
    });
  }

  #publish(): void {
    const newest = [...this.#nodes.values()].toSorted((one, other) =>
      other.createdAt.localeCompare(one.createdAt),
    );
    const dropped = newest.slice(NODE_LIST_MAX).filter((node) => !this.#isWanted(node));
    for (const node of dropped) this.#nodes.delete(node.id);
    const nodes = newest.filter((node) => this.#nodes.has(node.id));
    this.#next = { ...this.#next, nodes, more: this.#next.more || dropped.length > 0 };
    this.store.set(this.#next);
  }
}

export const [NodesContext, useNodes] = createService<NodesStore>('NodesStore');
