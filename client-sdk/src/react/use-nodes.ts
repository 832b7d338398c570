import { useEffect, useRef } from 'react';
import type { Node, NodeCounts, NodeListQueryInput } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../launchlog-client.js';
import { asLists, type OneOrMany } from '../one-or-many.js';
import { useLaunchlogClient } from './client-context.js';
import { NodeList, type NodeListState } from './node-list.js';
import { useSharedSource, type LiveSource } from './shared-source.js';

/** Filters, order and `counts` of the list; it is read in pages by itself. */
export type NodesQuery = Omit<OneOrMany<NodeListQueryInput>, 'cursor' | 'limit'>;

/** What every hook takes beside its question. */
export interface HookOptions {
  /** In the place of the provider's. */
  readonly client?: LaunchlogClient | undefined;
  /** Called once with each error; the hook keeps retrying. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Suspends until the first answer, or the first error, is there. Off by default. On a server it has no effect. */
  readonly suspense?: boolean | undefined;
}

export interface LiveNodes {
  /** The first nodes are not there yet. After a change of the query, those of the query before are shown meanwhile. */
  readonly isLoading: boolean;
  /** In the order of the query; the first 500, and more after `loadMore()`. */
  readonly nodes: readonly Node[];
  /** There are nodes after these: `loadMore()` reads them. */
  readonly hasMore: boolean;
  /** Exact for the whole list, where the query asks for `counts`. */
  readonly counts: NodeCounts | undefined;
  /** Why the list may be out of date: the server is away or refuses. The last nodes stay. */
  readonly error: unknown;
  /** Reads the next 500 nodes. Does nothing where there are none, or while it runs. */
  readonly loadMore: () => Promise<void>;
}

/** The list of nodes, live: new, changed and gone nodes appear by themselves, in order. Equal queries share one stream. */
export function useNodes(query: NodesQuery = {}, options: HookOptions = {}): LiveNodes {
  const client = useLaunchlogClient(options.client);
  const asked = JSON.stringify(sorted(query));
  const [state, source] = useSharedSource<NodeListState, LiveNodeList>({
    owner: client,
    key: `nodes ${asked}`,
    create: () => new LiveNodeList(client, JSON.parse(asked) as NodesQuery),
    isWaiting: options.suspense === true ? isFirstLoad : undefined,
  });
  useReportedError(state.error, options.onError);
  const before = useRef(state);
  useEffect(() => {
    if (!state.isLoading) before.current = state;
  });
  const { nodes, hasMore, counts } = state.isLoading ? before.current : state;
  const { isLoading, error } = state;
  return { isLoading, nodes, hasMore, counts, error, loadMore: source.loadMore };
}

/** Without an order of one's own, the server's usual one: the newest first, which it keeps up to date too. */
class LiveNodeList implements LiveSource<NodeListState> {
  readonly #list: NodeList;
  readonly #query: NodeListQueryInput;

  constructor(client: LaunchlogClient, query: NodesQuery) {
    this.#list = new NodeList({ client });
    this.#query = { sort: 'created', ...asLists<NodeListQueryInput>(query) };
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#list.subscribe(listener);
  readonly getSnapshot = (): NodeListState => this.#list.getSnapshot();
  readonly loadMore = (): Promise<void> => this.#list.loadMore();

  start(): void {
    this.#list.show(this.#query);
  }

  stop(): void {
    this.#list.stop();
  }
}

/** Calls back once for each error. */
export function useReportedError(error: unknown, onError: HookOptions['onError']): void {
  const report = useRef(onError);
  useEffect(() => {
    report.current = onError;
  });
  useEffect(() => {
    if (error !== undefined) report.current?.(error);
  }, [error]);
}

function isFirstLoad({ isLoading, error }: NodeListState): boolean {
  return isLoading && error === undefined;
}

/** Equal queries are equal texts, whatever the order of their fields. */
function sorted(query: object): object {
  return Object.fromEntries(
    Object.entries(query)
      .filter(([, value]) => value !== undefined)
      .sort(([one], [other]) => one.localeCompare(other)),
  );
}
