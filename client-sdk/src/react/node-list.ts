import { NODE_LIST_MAX, type Node, type NodeCounts, type NodeListQueryInput } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { LaunchlogClient } from '../launchlog-client.js';
import { FramedState, nextFrame, type FrameScheduler, type ReadableState } from './framed-state.js';
import { watchAgain } from './watch-again.js';

export interface NodeListState {
  /** The first nodes of this query have not arrived yet; those shown are of the query before. */
  readonly isLoading: boolean;
  /** The first nodes in their order, as many as were asked for. */
  readonly nodes: readonly Node[];
  /** There are nodes after these: `loadMore()` reads them. */
  readonly hasMore: boolean;
  /** Exact for the whole list; undefined until it has arrived, and where the query has no `counts`. */
  readonly counts: NodeCounts | undefined;
  /** Why the list may be out of date. It is withdrawn when the list is up to date again. */
  readonly error: unknown;
}

interface NodeListOptions {
  /** What it reads from. */
  readonly client: Pick<LaunchlogClient, 'watchNodes' | 'listNodes'>;
  /** Called with each error; retries continue. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** When changes are published. Default: with the next frame. */
  readonly schedule?: FrameScheduler | undefined;
}

const EMPTY: NodeListState = {
  isLoading: true,
  nodes: [],
  hasMore: false,
  counts: undefined,
  error: undefined,
};

/**
 * A filtered and ordered list. The server keeps its first nodes and its counts up to date; those after them are read page by
 * page, and only their content is kept up to date.
 */
export class NodeList implements ReadableState<NodeListState> {
  readonly #state: FramedState<NodeListState>;
  readonly #options: NodeListOptions;
  readonly #nodes = new Map<string, Node>();
  #query: NodeListQueryInput = {};
  #run = new AbortController();
  /** The ids that the server keeps up to date, and those after them. */
  #window: readonly string[] = [];
  #tail: readonly string[] = [];
  /** Where the next page begins; undefined before the first page was read. */
  #cursor: string | undefined;
  #isReading = false;

  constructor(options: NodeListOptions) {
    this.#options = options;
    const finish = (next: NodeListState, shown: NodeListState) => ({
      ...next,
      nodes: next.isLoading ? shown.nodes : this.#listed(),
    });
    this.#state = new FramedState(EMPTY, options.schedule ?? nextFrame, finish);
  }

  /** Calls the listener after each change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  /** The same object until the next change. */
  readonly getSnapshot = (): NodeListState => this.#state.getSnapshot();

  /** Begins, or goes over to another query; the nodes of the old one stay until those of the new one are there. */
  show(query: NodeListQueryInput): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#query = query;
    this.#isReading = false;
    this.#state.change({ isLoading: true });
    let isFirst = true;
    const onEvent = (event: NodeWatchEvent) => {
      if (event.type === 'snapshot' && isFirst) this.#forget();
      isFirst = false;
      this.#apply(event);
    };
    const { client } = this.#options;
    const watching = { client, query: { ...query, limit: NODE_LIST_MAX }, onEvent };
    void watchAgain({ ...watching, onError: (error) => this.#fail(error) }, this.#run.signal);
  }

  /** Ends the stream and forgets the nodes. */
  stop(): void {
    this.#run.abort();
    this.#state.reset(EMPTY);
  }

  /** Reads the page after the last node, if there is one. */
  async loadMore(): Promise<void> {
    if (this.#isReading || this.#state.next.isLoading || !this.#state.next.hasMore) return;
    this.#isReading = true;
    const { signal } = this.#run;
    const { counts: _, ...query } = this.#query;
    try {
      const { client } = this.#options;
      const limit = NODE_LIST_MAX;
      this.#cursor ??= (await client.listNodes({ ...query, limit }, { signal })).nextCursor;
      const cursor = this.#cursor;
      const page =
        cursor === undefined ? undefined : await client.listNodes({ ...query, limit, cursor }, { signal });
      if (signal.aborted) return;
      for (const node of page?.nodes ?? []) this.#nodes.set(node.id, node);
      this.#tail = [...new Set([...this.#tail, ...(page?.nodes ?? []).map(({ id }) => id)])];
      this.#cursor = page?.nextCursor;
      this.#state.change({ hasMore: page?.nextCursor !== undefined });
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      if (!signal.aborted) this.#isReading = false;
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
        this.#state.change({});
        return;
      case 'gone':
        this.#nodes.delete(event.nodeId);
        this.#state.change({});
        return;
      case 'notice': {
        const isBack = event.notice.code === 'node_store_back';
        this.#state.change({ error: isBack ? undefined : new Error(event.notice.message) });
        return;
      }
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
    const isAllRead = this.#tail.length > 0 && !this.#state.next.hasMore;
    this.#state.change({ isLoading: false, hasMore: more && !isAllRead, counts, error: undefined });
  }

  #listed(): readonly Node[] {
    const ids = new Set([...this.#window, ...this.#tail]);
    return [...ids].flatMap((id) => this.#nodes.get(id) ?? []);
  }

  #fail(error: unknown): void {
    this.#options.onError?.(error);
    this.#state.change({ error });
  }
}
