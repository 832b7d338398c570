import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../launchlog-client.js';
import { NodePool } from './node-pool.js';
import type { LiveSource } from './shared-source.js';

export interface WantedNodesState {
  readonly nodes: readonly Node[];
  /** Why the nodes may be out of date. */
  readonly error: unknown;
  /** Why a node could not be read, by the name by which it was asked for. */
  readonly refusals: ReadonlyMap<string, unknown>;
}

interface Wanted {
  readers: number;
  readonly ending: AbortController;
  readonly release: () => void;
}

/** A watch needs a window; what is looked for is asked for by name. */
const WINDOW = 1;
/** A suspended component runs no effects, so no effect keeps its node wanted. */
const SUSPENDED_MS = 30_000;

/** The nodes that components ask for by name: each is read once, and kept up to date by one watch. */
export class WantedNodes implements LiveSource<WantedNodesState> {
  readonly #pool: NodePool;
  readonly #client: LaunchlogClient;
  readonly #wanted = new Map<string, Wanted>();
  readonly #listeners = new Set<() => void>();
  #state: WantedNodesState = { nodes: [], error: undefined, refusals: new Map() };

  constructor(client: LaunchlogClient) {
    this.#client = client;
    this.#pool = new NodePool({ client, limit: WINDOW });
    this.#pool.subscribe(() => this.#publish(this.#state.refusals));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): WantedNodesState => this.#state;

  start(): void {
    this.#pool.start();
  }

  stop(): void {
    for (const name of this.#wanted.keys()) this.#forget(name);
    this.#pool.stop();
  }

  /** Reads the node, and keeps it up to date until the returned function is called. */
  want(name: string): () => void {
    const wanted = this.#wanted.get(name) ?? this.#read(name);
    wanted.readers += 1;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      wanted.readers -= 1;
      if (wanted.readers === 0 && this.#wanted.get(name) === wanted) this.#forget(name);
    };
  }

  /** As `want`, for a component that waits for the node. */
  keep(name: string): void {
    setTimeout(this.want(name), SUSPENDED_MS);
  }

  #read(name: string): Wanted {
    const ending = new AbortController();
    const wanted = { readers: 0, ending, release: this.#pool.want(name) };
    this.#wanted.set(name, wanted);
    this.#client.getNode(name, { signal: ending.signal }).then(
      (node) => this.#pool.put(node),
      (error: unknown) => {
        if (!ending.signal.aborted) this.#publish(new Map(this.#state.refusals).set(name, error));
      },
    );
    return wanted;
  }

  #forget(name: string): void {
    const wanted = this.#wanted.get(name);
    this.#wanted.delete(name);
    wanted?.ending.abort();
    wanted?.release();
    const refusals = new Map(this.#state.refusals);
    if (refusals.delete(name)) this.#publish(refusals);
  }

  #publish(refusals: ReadonlyMap<string, unknown>): void {
    const { nodes, error } = this.#pool.getSnapshot();
    this.#state = { nodes, error, refusals };
    for (const listener of this.#listeners) listener();
  }
}
