import type { Node, NodeStatus, Provider } from '@launchlog/sdk';
import { PROVIDERS } from '@launchlog/shared/launch-request';
import { NODE_STATUSES } from '@launchlog/shared/node';
import { phaseRank } from '@launchlog/shared/phase';
import { costSoFar } from '@launchlog/shared/node-cost';

const SORT_KEYS = ['name', 'status', 'phase', 'eta', 'place', 'gpu', 'model', 'age', 'cost'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Which nodes the table shows and in which order. It is part of the URL. */
export interface NodeQuery {
  readonly statuses: ReadonlySet<NodeStatus>;
  readonly provider: Provider | undefined;
  readonly text: string;
  readonly sort: SortKey;
  readonly descending: boolean;
}

/** Newest first. */
const DEFAULT_SORT: SortKey = 'age';

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

export function selectNodes(nodes: readonly Node[], query: NodeQuery, nowMs: number): Node[] {
  const words = query.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const chosen = nodes.filter(
    (node) =>
      (query.statuses.size === 0 || query.statuses.has(node.status)) &&
      (query.provider === undefined || node.provider === query.provider) &&
      words.every((word) => searchText(node).includes(word)),
  );
  const sign = query.descending ? -1 : 1;
  return chosen.sort((one, other) => {
    const first = sortValue(one, query.sort, nowMs);
    const second = sortValue(other, query.sort, nowMs);
    // Unknown values come last in both directions.
    if (first === undefined || second === undefined)
      return Number(first === undefined) - Number(second === undefined);
    const order = typeof first === 'string' ? first.localeCompare(String(second)) : first - Number(second);
    return sign * order || other.createdAt.localeCompare(one.createdAt);
  });
}

function searchText(node: Node): string {
  const { clusterName, modelName, id, provider, region, gpuType, deploymentId = '' } = node;
  return [clusterName, modelName, id, provider, region, gpuType, deploymentId].join('\n').toLowerCase();
}

function sortValue(node: Node, key: SortKey, nowMs: number): string | number | undefined {
  switch (key) {
    case 'name':
      return node.clusterName;
    case 'status':
      return NODE_STATUSES.indexOf(node.status);
    case 'phase':
      return phaseRank(node.phase) * 1_000 + node.progress;
    case 'eta':
      return node.eta?.seconds;
    case 'place':
      return `${node.provider} ${node.region}`;
    case 'gpu':
      return `${node.gpuType} ${String(node.gpuCount).padStart(2, '0')}`;
    case 'model':
      return node.modelName;
    case 'age':
      return -Date.parse(node.createdAt);
    case 'cost':
      return costSoFar(node, nowMs);
  }
}
