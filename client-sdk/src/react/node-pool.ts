import type { Node } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { LaunchlogClient } from '../launchlog-client.js';
import { FramedState, nextFrame, type FrameScheduler, type ReadableState } from './framed-state.js';
import { watchAgain } from './watch-again.js';

export interface NodePoolState {
  /** No snapshot has arrived yet. */
  readonly isLoading: boolean;
  /** Newest first. */
  readonly nodes: readonly Node[];
  /** The server has older nodes that are not held. */
  readonly hasMore: boolean;
  /** Why the nodes may be out of date. They are the last ones that were received. */
  readonly error: unknown;
}

interface NodePoolOptions {
  /** What it reads from. */
  readonly client: Pick<LaunchlogClient, 'watchNodes' | 'getNode'>;
  /** How many of the newest nodes are held, beside those that are wanted; 1 to 500. */
  readonly limit: number;
  /** Called with each error; retries continue. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** When changes are published. Default: with the next frame. */
  readonly schedule?: FrameScheduler | undefined;
}

const EMPTY: NodePoolState = { isLoading: true, nodes: [], hasMore: false, error: undefined };

/** The newest nodes and those that somebody asks for by name, all kept up to date by one watch. */
export class NodePool implements ReadableState<NodePoolState> {
  readonly #state: FramedState<NodePoolState>;
  readonly #options: NodePoolOptions;
  readonly #wanted = new Map<string, number>();
  readonly #nodes = new Map<string, Node>();
  #run: AbortController | undefined;

  constructor(options: NodePoolOptions) {
    this.#options = options;
    this.#state = new FramedState(EMPTY, options.schedule ?? nextFrame, (next) => this.#finish(next));
  }

  /** Calls the listener after each change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  /** The same object until the next change. */
  readonly getSnapshot = (): NodePoolState => this.#state.getSnapshot();

  /** Idempotent. */
  start(): void {
    if (this.#run !== undefined) return;
    this.#run = new AbortController();
    const { client, limit, onError } = this.#options;
    const watching = {
      client,
      query: { limit },
      onEvent: (event: NodeWatchEvent) => this.#apply(event),
      onError: (error: unknown) => {
        onError?.(error);
        this.report(error);
      },
    };
    void watchAgain(watching, this.#run.signal);
  }

  /** Forgets all nodes: who looks at them next may have other rights. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#nodes.clear();
    this.#state.reset(EMPTY);
  }

  /** Keeps a node however old it is, by id or cluster name. Call the returned function when it is no longer needed. */
  want(name: string): () => void {
    this.#wanted.set(name, (this.#wanted.get(name) ?? 0) + 1);
    return () => {
      const left = (this.#wanted.get(name) ?? 1) - 1;
      if (left > 0) this.#wanted.set(name, left);
      else this.#wanted.delete(name);
    };
  }

  /** Applies the answer of a call, so that nobody need wait for the watch. */
  put(node: Node): void {
    if (this.#run === undefined) return;
    this.#keepNewer(node);
    this.#state.change({});
  }

  /** Undefined withdraws the last one. */
  report(error: unknown): void {
    if (this.#state.next.error !== error) this.#state.change({ error });
  }

  #apply(event: NodeWatchEvent): void {
    switch (event.type) {
      case 'snapshot': {
        const older = [...this.#nodes.values()].filter((node) => this.#isWanted(node));
        this.#nodes.clear();
        for (const node of older) this.#nodes.set(node.id, node);
        for (const node of event.nodes) this.#nodes.set(node.id, node);
        this.#state.change({ isLoading: false, hasMore: event.more, error: undefined });
        void this.#refresh(older.filter((node) => !event.nodes.some((other) => other.id === node.id)));
        return;
      }
      case 'node':
        this.#keepNewer(event.node);
        this.#state.change({});
        return;
      case 'gone':
        this.#nodes.delete(event.nodeId);
        this.#state.change({});
        return;
      case 'window':
        return;
      case 'notice':
        this.report(event.notice.code === 'node_store_back' ? undefined : new Error(event.notice.message));
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

  #finish(next: NodePoolState): NodePoolState {
    const newest = [...this.#nodes.values()].sort((one, other) =>
      other.createdAt.localeCompare(one.createdAt),
    );
    const dropped = newest.slice(this.#options.limit).filter((node) => !this.#isWanted(node));
    for (const node of dropped) this.#nodes.delete(node.id);
    const nodes = newest.filter((node) => this.#nodes.has(node.id));
    return { ...next, nodes, hasMore: next.hasMore || dropped.length > 0 };
  }
}
