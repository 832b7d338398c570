import type { LaunchlogClient, Node } from '@launchlog/sdk';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import { Store } from '../ui/store.js';

export interface NodesState {
  /** Nothing has been read yet. */
  readonly loading: boolean;
  readonly nodes: readonly Node[];
  /** The server has older nodes than those listed. */
  readonly more: boolean;
  /** Why the last reading failed; what is shown is what was read before. */
  readonly problem: string | undefined;
}

const VISIBLE_MS = 2_000;
const HIDDEN_MS = 10_000;
/** After something was done, the list is read again so soon. */
const SOON_MS = 150;

interface NodesStoreOptions {
  readonly client: Pick<LaunchlogClient, 'listNodes' | 'getNode'>;
  readonly isHidden: () => boolean;
  readonly onRefused: (error: unknown) => void;
}

/** The newest nodes, and those that a page asks for by name, read again every few seconds while somebody is signed in. */
export class NodesStore {
  readonly store = new Store<NodesState>({ loading: true, nodes: [], more: false, problem: undefined });
  readonly #options: NodesStoreOptions;
  readonly #wanted = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(options: NodesStoreOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule(0);
  }

  /** Forgets what was read: the next one to sign in may be somebody else. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.store.set({ loading: true, nodes: [], more: false, problem: undefined });
  }

  refreshSoon(): void {
    if (this.#running) this.#schedule(SOON_MS);
  }

  /** Keeps one node up to date although it may be too old for the list. Call the result when it is no longer needed. */
  want(nodeId: string): () => void {
    this.#wanted.set(nodeId, (this.#wanted.get(nodeId) ?? 0) + 1);
    this.refreshSoon();
    return () => {
      const left = (this.#wanted.get(nodeId) ?? 1) - 1;
      if (left > 0) this.#wanted.set(nodeId, left);
      else this.#wanted.delete(nodeId);
    };
  }

  /** Takes the answer of a call, so that the page need not wait for the next reading. */
  put(node: Node): void {
    const { state } = this.store;
    const known = state.nodes.some((other) => other.id === node.id);
    const nodes = known
      ? state.nodes.map((other) => (other.id === node.id ? node : other))
      : [node, ...state.nodes];
    this.store.set({ ...state, nodes });
    this.refreshSoon();
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), afterMs);
  }

  async #read(): Promise<void> {
    try {
      const page = await this.#options.client.listNodes({ limit: NODE_LIST_MAX });
      const nodes = [...page.nodes, ...(await this.#older(page.nodes))];
      if (!this.#running) return;
      this.store.set({ loading: false, nodes, more: page.nextCursor !== undefined, problem: undefined });
    } catch (error) {
      if (!this.#running) return;
      this.#options.onRefused(error);
      this.store.set({
        ...this.store.state,
        problem: error instanceof Error ? error.message : String(error),
      });
    }
    if (this.#running) this.#schedule(this.#options.isHidden() ? HIDDEN_MS : VISIBLE_MS);
  }

  async #older(listed: readonly Node[]): Promise<Node[]> {
    const missing = [...this.#wanted.keys()].filter((id) => !listed.some((node) => node.id === id));
    const answers = await Promise.allSettled(missing.map((id) => this.#options.client.getNode(id)));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }
}
