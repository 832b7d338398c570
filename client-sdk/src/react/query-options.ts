import type { LaunchMetrics, LaunchMetricsQueryInput } from '@launchlog/shared/launch-metrics';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LogPage, LogQueryInput } from '@launchlog/shared/log-query';
import type { LaunchResult, Node, NodeListQueryInput, NodePage } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../launchlog-client.js';
import type { OneOrMany } from '../one-or-many.js';

/** The part of TanStack Query's options that names what is read. Spread it to add `staleTime` and others. */
interface QueryOptions<Key extends readonly unknown[], Data> {
  /** Begins with `LAUNCHLOG_KEY`. */
  readonly queryKey: Key;
  /** Rejects with a `LaunchlogApiError`, also when it is aborted. */
  readonly queryFn: (context: {
    /** Aborts the call. */
    readonly signal: AbortSignal;
  }) => Promise<Data>;
}

/** The beginning of every key: `queryClient.invalidateQueries({ queryKey: LAUNCHLOG_KEY })`. */
export const LAUNCHLOG_KEY = ['launchlog'] as const;

type Key<Kind extends string, Query> = readonly ['launchlog', Kind, Query];

/** One page of nodes, for `useQuery`, `useSuspenseQuery` and `prefetchQuery`. */
export function nodesQueryOptions(
  client: LaunchlogClient,
  query: OneOrMany<NodeListQueryInput> = {},
): QueryOptions<Key<'nodes', typeof query>, NodePage> {
  return {
    queryKey: [...LAUNCHLOG_KEY, 'nodes', query],
    queryFn: async ({ signal }) => client.listNodes(query, { signal }),
  };
}

interface InfiniteOptions {
  /** Begins with `LAUNCHLOG_KEY`. */
  readonly queryKey: Key<'nodes-pages', object>;
  /** Rejects with a `LaunchlogApiError`, also when it is aborted. */
  readonly queryFn: (context: {
    /** Aborts the call. */
    readonly signal: AbortSignal;
    /** The `nextCursor` of the page before; undefined for the first one. Example: `eyJ2IjoxfQ`. */
    readonly pageParam: string | undefined;
  }) => Promise<NodePage>;
  /** The first page has no cursor, as in `undefined`. */
  readonly initialPageParam: string | undefined;
  /** Undefined after the last page. */
  readonly getNextPageParam: (page: NodePage) => string | undefined;
}

/** Page after page of nodes, for `useInfiniteQuery`. */
export function nodesInfiniteQueryOptions(
  client: LaunchlogClient,
  query: Omit<OneOrMany<NodeListQueryInput>, 'cursor'> = {},
): InfiniteOptions {
  return {
    queryKey: [...LAUNCHLOG_KEY, 'nodes-pages', query],
    queryFn: async ({ signal, pageParam: cursor }) =>
      client.listNodes({ ...query, ...(cursor !== undefined && { cursor }) }, { signal }),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.nextCursor,
  };
}

/** One node by id or cluster name. */
export function nodeQueryOptions(
  client: LaunchlogClient,
  idOrClusterName: string,
): QueryOptions<Key<'node', string>, Node> {
  return {
    queryKey: [...LAUNCHLOG_KEY, 'node', idOrClusterName],
    queryFn: ({ signal }) => client.getNode(idOrClusterName, { signal }),
  };
}

/** One page of a log: the last `tail` entries, or those after `cursor`. */
export function nodeLogQueryOptions(
  client: LaunchlogClient,
  nodeId: string,
  query: OneOrMany<LogQueryInput> = {},
): QueryOptions<readonly ['launchlog', 'log', string, typeof query], LogPage> {
  return {
    queryKey: [...LAUNCHLOG_KEY, 'log', nodeId, query],
    queryFn: async ({ signal }) => client.nodes.logs(nodeId, query, { signal }),
  };
}

/** How launches went. */
export function launchMetricsQueryOptions(
  client: LaunchlogClient,
  query: OneOrMany<LaunchMetricsQueryInput> = {},
): QueryOptions<Key<'launch-metrics', typeof query>, LaunchMetrics> {
  return {
    queryKey: [...LAUNCHLOG_KEY, 'launch-metrics', query],
    queryFn: ({ signal }) => client.launchMetrics(query, { signal }),
  };
}

interface MutationOptions {
  /** Begins with `LAUNCHLOG_KEY`. */
  readonly mutationKey: readonly ['launchlog', 'launch'];
  /** Rejects with a `LaunchlogApiError`, whose `issues` name the fields of a form. */
  readonly mutationFn: (request: LaunchRequestInput) => Promise<LaunchResult>;
}

/** A launch, for `useMutation`. */
export function launchMutationOptions(client: LaunchlogClient): MutationOptions {
  return {
    mutationKey: [...LAUNCHLOG_KEY, 'launch'],
    mutationFn: (request) => client.launch(request),
  };
}
