import type { LaunchlogClient, Node, NodeCounts, NodeListQueryInput } from '@launchlog/sdk';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { delay } from '../state/delay.js';
import type { FrameScheduler } from '../state/frame-scheduler.js';
import { Store } from '../state/store.js';
import { problemText } from '../ui/problem-text.js';

interface NodeListState {
  /** The first nodes of this query have not arrived yet; those shown are of the query before. */
  readonly loading: boolean;
  /** The first nodes in their order, as many as were asked for. */
  readonly nodes: readonly Node[];
  /** There are nodes after these. */
  readonly more: boolean;
  /** Exact for the whole list; undefined until it has arrived. */
  readonly counts: NodeCounts | undefined;
  readonly problem: string | undefined;
}

interface NodeListStoreOptions {
  readonly client: Pick<LaunchlogClient, 'watchNodes' | 'listNodes'>;
  readonly schedule: FrameScheduler;
  readonly onRefused: (error: unknown) => void;
}

/** Delay before a watch that ended or failed is opened again. */
const RETRY_MS = 5_000;
const EMPTY: NodeListState = { loading: true, nodes: [], more: false, counts: undefined, problem: undefined };

/**
 * A filtered and ordered list. The server keeps its first nodes and its counts up to date; those after them are read page by
 * page when somebody scrolls that far, and only their content is kept up to date.
 */
export class NodeListStore {
  readonly store = new Store<NodeListState>(EMPTY);
  readonly #options: NodeListStoreOptions;
  readonly #nodes = new Map<string, Node>();
  #query: NodeListQueryInput = {};
  #run = new AbortController();
  /** The ids that the server keeps up to date, and those after them. */
  #window: readonly string[] = [];
  #tail: readonly string[] = [];
  /** Where the next page begins; undefined before the first page was read. */
  #cursor: string | undefined;
  #isReading = false;
  #next = EMPTY;
  #cancelFrame: (() => void) | undefined;

  constructor(options: NodeListStoreOptions) {
    this.#options = options;
  }

  show(query: NodeListQueryInput): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#query = query;
    this.#isReading = false;
    this.#change({ loading: true });
    void this.#watch(this.#run.signal);
  }

  stop(): void {
    this.#run.abort();
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
  }

  /** Reads the page after the last node, if there is one. */
  async loadMore(): Promise<void> {
    if (this.#isReading || this.#next.loading || !this.#next.more) return;
    this.#isReading = true;
    const { signal } = this.#run;
    const { counts: _, ...query } = this.#query;
    try {
      const { client } = this.#options;
      const limit = NODE_LIST_MAX;
      this.#cursor ??= (await client.listNodes({ ...query, limit })).nextCursor;
      const cursor = this.#cursor;
      const page = cursor === undefined ? undefined : await client.listNodes({ ...query, limit, cursor });
      if (signal.aborted) return;
      for (const node of page?.nodes ?? []) this.#nodes.set(node.id, node);
      this.#tail = [...new Set([...this.#tail, ...(page?.nodes ?? []).map(({ id }) => id)])];
      this.#cursor = page?.nextCursor;
      this.#change({ more: page?.nextCursor !== undefined });
    } catch (error) {
      if (!signal.aborted) this.#refused(error);
    } finally {
      if (!signal.aborted) this.#isReading = false;
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    let isFirst = true;
    while (!signal.aborted) {
      try {
        for await (const event of client.watchNodes({ ...this.#query, limit: NODE_LIST_MAX, signal })) {
          if (signal.aborted) return;
          if (event.type === 'snapshot' && isFirst) this.#forget();
          isFirst = false;
          this.#apply(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#refused(error);
      }
      await delay(RETRY_MS, signal);
    }
  }

  #forget(): void {
    this.#nodes.clear();
    this.#window = [];
    this.#tail = [];
    this.#cursor = undefined;
  }

  #apply(event: NodeWatchEvent): void {
    switch (event.type) {
      case 'snapshot':
        for (const node of event.nodes) this.#nodes.set(node.id, node);
        this.#move(
          event.nodes.map(({ id }) => id),
          event,
        );
        return;
      case 'window':
        this.#move(event.nodeIds, event);
        return;
      case 'node':
        this.#nodes.set(event.node.id, event.node);
        this.#change({});
        return;
      case 'gone':
        this.#nodes.delete(event.nodeId);
        this.#change({});
        return;
      case 'notice':
        this.#change({ problem: event.notice.code === 'node_store_back' ? undefined : event.notice.message });
        return;
    }
  }

  /** Nodes that others have pushed out of the window come right after it. */
  #move(
    ids: readonly string[],
    { more, counts }: { readonly more: boolean; readonly counts?: NodeCounts | undefined },
  ): void {
    const listed = new Set(ids);
    const pushedOut = this.#window.filter((id) => !listed.has(id) && this.#nodes.has(id));
    this.#window = ids;
    this.#tail = more ? [...pushedOut, ...this.#tail] : [];
    const kept = new Set([...this.#window, ...this.#tail]);
    for (const id of this.#nodes.keys()) if (!kept.has(id)) this.#nodes.delete(id);
    const isAllRead = this.#tail.length > 0 && !this.#next.more;
    this.#change({ loading: false, more: more && !isAllRead, counts, problem: undefined });
  }

  #refused(error: unknown): void {
    this.#options.onRefused(error);
    this.#change({ problem: problemText(error) });
  }

  /** Publishes once per frame, however many nodes change in it. */
  #change(patch: Partial<NodeListState>): void {
    this.#next = { ...this.#next, ...patch };
    this.#cancelFrame ??= this.#options.schedule(() => {
      this.#cancelFrame = undefined;
      this.#publish();
    });
  }

  #publish(): void {
    if (this.#next.loading) {
      this.store.set({ ...this.#next, nodes: this.store.state.nodes });
      return;
    }
    const ids = new Set([...this.#window, ...this.#tail]);
    const nodes = [...ids].flatMap((id) => this.#nodes.get(id) ?? []);
    this.#next = { ...this.#next, nodes };
    this.store.set(this.#next);
  }
}
