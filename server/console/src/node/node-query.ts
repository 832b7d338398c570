import type { NodeListQueryInput, NodeStatus, Provider } from '@launchlog/sdk';
import { PROVIDERS } from '@launchlog/shared/launch-request';
import { NODE_STATUSES } from '@launchlog/shared/node';

/** `live`: what is launching, active or lost comes first. The others are columns of the table. */
const SORT_KEYS = ['live', 'name', 'status', 'phase', 'eta', 'place', 'gpu', 'model', 'age', 'cost'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Which nodes the table shows and in which order. It is part of the URL. */
export interface NodeQuery {
  readonly statuses: ReadonlySet<NodeStatus>;
  readonly provider: Provider | undefined;
  readonly text: string;
  readonly sort: SortKey;
  readonly descending: boolean;
}

const DEFAULT_SORT: SortKey = 'live';

export function readNodeQuery(search: URLSearchParams): NodeQuery {
  const statuses = new Set((search.get('status') ?? '').split(','));
  return {
    statuses: new Set(NODE_STATUSES.filter((status) => statuses.has(status))),
    provider: PROVIDERS.find((provider) => provider === search.get('provider')),
    text: search.get('q') ?? '',
    sort: SORT_KEYS.find((key) => key === search.get('sort')) ?? DEFAULT_SORT,
    descending: search.get('dir') === 'desc',
  };
}

/** The query as search parameters; an empty value removes the parameter. */
export function writeNodeQuery(
  query: NodeQuery,
): Record<'status' | 'provider' | 'q' | 'sort' | 'dir', string> {
  return {
    status: [...query.statuses].join(','),
    provider: query.provider ?? '',
    q: query.text,
    sort: query.sort === DEFAULT_SORT ? '' : query.sort,
    dir: query.descending ? 'desc' : '',
  };
}

const TEXT_MAX_CHARACTERS = 200;

/** The parameters of a list that shares its page with something else that is filtered: each begins with the prefix. */
export function prefixedQuery(search: URLSearchParams, prefix: string): URLSearchParams {
  const own = [...search].filter(([name]) => name.startsWith(prefix));
  return new URLSearchParams(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

export function isFilteringNodes({ statuses, provider, text }: NodeQuery): boolean {
  return statuses.size > 0 || provider !== undefined || text !== '';
}

/** The query as the server takes it. */
export function listQueryOf(query: NodeQuery): NodeListQueryInput {
  const { statuses, provider, sort, descending } = query;
  const q = query.text.trim().slice(0, TEXT_MAX_CHARACTERS);
  return {
    ...(statuses.size > 0 && { status: [...statuses] }),
    ...(provider !== undefined && { provider }),
    ...(q !== '' && { q }),
    sort: sort === 'phase' ? 'progress' : sort,
    ...(sort !== 'live' && { direction: descending ? 'desc' : 'asc' }),
    counts: true,
  };
}
