import type { Node } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { isLaunchlogError } from '../error/launchlog-api-error.js';
import type { LaunchlogClient } from '../launchlog-client.js';
import { sleep } from '../sleep.js';
import { FramedState, nextFrame, type FrameScheduler, type ReadableState } from './framed-state.js';
import { RETRY_MS, watchAgain } from './watch-again.js';

export interface NodePoolState {
  /** No snapshot has arrived yet. */
  readonly isLoading: boolean;
  /** Newest first. */
  readonly nodes: readonly Node[];
  /** The server has older nodes that are not held. */
  readonly hasMore: boolean;
  /** Why the nodes may be out of date. They are the last ones that were received. */
  readonly error: unknown;
  /** Why a wanted node could not be read, by the name by which it is wanted. A node that may exist is tried again. */
  readonly refusals: ReadonlyMap<string, unknown>;
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

interface Wanted {
  count: number;
  /** Ends the reading of the node; undefined while it is not being read. */
  reading: AbortController | undefined;
}

const EMPTY: NodePoolState = {
  isLoading: true,
  nodes: [],
  hasMore: false,
  error: undefined,
  refusals: new Map(),
};
const NOT_FOUND = 404;

/** Whether a refusal means that there is no such node, or none that the caller may see. */
export function isMissingNode(refusal: unknown): boolean {
  return isLaunchlogError(refusal) && refusal.status === NOT_FOUND;
}

/** The newest nodes and those that somebody asks for by name, all kept up to date by one watch. */
export class NodePool implements ReadableState<NodePoolState> {
  readonly #state: FramedState<NodePoolState>;
  readonly #options: NodePoolOptions;
  readonly #wanted = new Map<string, Wanted>();
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
    for (const name of this.#wanted.keys()) this.#read(name);
  }

  /** Forgets all nodes: the next user may have other rights. Nodes that are wanted are read after the next start. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    for (const wanted of this.#wanted.values()) endReading(wanted);
    this.#nodes.clear();
    this.#state.reset(EMPTY);
  }

  /**
   * Reads a node by id or cluster name where it is not held, and keeps it however old it is. Call the returned function when
   * it is no longer needed.
   */
  want(name: string): () => void {
    const wanted = this.#wanted.get(name) ?? { count: 0, reading: undefined };
    wanted.count += 1;
    this.#wanted.set(name, wanted);
    if (wanted.count === 1 && this.#held(name) === undefined) this.#read(name);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      wanted.count -= 1;
      if (wanted.count > 0) return;
      endReading(wanted);
      this.#wanted.delete(name);
      this.#refuse(name, undefined);
    };
  }

  /** Applies the answer of a call, so that nobody need wait for the watch. */
  put(node: Node): void {
    if (this.#run === undefined) return;
    this.#keepNewer(node);
    this.#state.change({});
  }

  /** `undefined` withdraws the last error. */
  report(error: unknown): void {
    if (this.#state.next.error !== error) this.#state.change({ error });
  }

  #apply(event: NodeWatchEvent): void {
    switch (event.type) {
      case 'snapshot': {
        const older = [...this.#nodes.values()].filter((node) => this.#isWanted(node));
        this.#nodes.clear();
        for (const node of [...older, ...event.nodes]) this.#nodes.set(node.id, node);
        this.#state.change({ isLoading: false, hasMore: event.more, error: undefined });
        const isListed = (name: string) => event.nodes.some((node) => isNamed(node, name));
        for (const name of this.#wanted.keys()) if (!isListed(name)) this.#read(name);
        return;
      }
      case 'node':
        this.#keepNewer(event.node);
        this.#state.change({});
        return;
      case 'gone': {
        const gone = this.#nodes.get(event.nodeId);
        this.#nodes.delete(event.nodeId);
        this.#state.change({});
        if (gone !== undefined) this.#readAgain(gone);
        return;
      }
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

  #held(name: string): Node | undefined {
    return this.#nodes.get(name) ?? [...this.#nodes.values()].find((node) => isNamed(node, name));
  }

  /** Reads a wanted node until there is an answer, unless it is being read already. */
  #read(name: string): void {
    const wanted = this.#wanted.get(name);
    if (this.#run === undefined || wanted === undefined || wanted.reading !== undefined) return;
    const reading = new AbortController();
    wanted.reading = reading;
    void this.#readUntilAnswered(name, reading.signal).finally(() => {
      if (wanted.reading === reading) wanted.reading = undefined;
    });
  }

  /** Reads the names of a node that is gone again: each is missing now, or names another node. */
  #readAgain(gone: Node): void {
    for (const [name, wanted] of this.#wanted) {
      if (!isNamed(gone, name)) continue;
      endReading(wanted);
      this.#read(name);
    }
  }

  async #readUntilAnswered(name: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const node = await this.#options.client.getNode(name, { signal });
        if (signal.aborted) return;
        this.#refuse(name, undefined);
        return this.put(node);
      } catch (error) {
        if (signal.aborted) return;
        this.#refuse(name, error);
        if (isMissingNode(error)) return this.#forget(name);
        this.#options.onError?.(error);
        await sleep(RETRY_MS, signal);
      }
    }
  }

  #forget(name: string): void {
    const node = this.#held(name);
    if (node === undefined) return;
    this.#nodes.delete(node.id);
    this.#state.change({});
  }

  /** `undefined` withdraws the last refusal. */
  #refuse(name: string, refusal: unknown): void {
    const refusals = new Map(this.#state.next.refusals);
    if (refusal !== undefined) refusals.set(name, refusal);
    else if (!refusals.delete(name)) return;
    this.#state.change({ refusals });
  }

  #finish(next: NodePoolState): NodePoolState {
    const newest = [...this.#nodes.values()].sort(byAge);
    const dropped = newest.slice(this.#options.limit).filter((node) => !this.#isWanted(node));
    for (const node of dropped) this.#nodes.delete(node.id);
    const nodes = newest.filter((node) => this.#nodes.has(node.id));
    return { ...next, nodes, hasMore: next.hasMore || dropped.length > 0 };
  }
}

/** Newest first, as the server lists them: nodes of the same moment by id, from the greatest. */
function byAge(one: Node, other: Node): number {
  return other.createdAt.localeCompare(one.createdAt) || other.id.localeCompare(one.id);
}

function isNamed({ id, clusterName }: Node, name: string): boolean {
  return id === name || clusterName === name;
}

function endReading(wanted: Wanted): void {
  wanted.reading?.abort();
  wanted.reading = undefined;
}
