import type { LogSearchQuery } from '@launchlog/shared/log-search';
import type { Node } from '@launchlog/shared/node';
import { formatNodeListCursor } from '../node/node-list-cursor.js';
import { requireVisible } from '../principal.js';
import type { Principal } from '../principal.js';
import type { ScanPosition } from '../search/log-scan-cursor.js';
import type { AuthorizedLaunches } from './authorized-launches.js';

const PAGE_NODES = 100;

/** The nodes that one search reads: the named ones, or all that the caller may see, newest first. */
export function scannedNodes(launches: Pick<AuthorizedLaunches, 'get' | 'list'>, by: Principal) {
  return (query: LogSearchQuery, from: ScanPosition | undefined): AsyncIterable<Node> =>
    query.nodeId === undefined
      ? listedNodes(launches, by, { query, from })
      : namedNodes(launches, by, { ids: query.nodeId, from });
}

async function* listedNodes(
  launches: Pick<AuthorizedLaunches, 'get' | 'list'>,
  by: Principal,
  search: { query: LogSearchQuery; from: ScanPosition | undefined },
): AsyncGenerator<Node> {
  const { query, from } = search;
  const { deploymentId } = requireVisible(by, { deploymentId: query.deploymentId });
  if (from !== undefined) yield await launches.get(by, from.nodeId);
  let cursor = from && formatNodeListCursor(new Date(from.createdAt), from.nodeId);
  do {
    const page = await launches.list(by, {
      limit: PAGE_NODES,
      ...(deploymentId === undefined ? {} : { deploymentId }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* page.nodes;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function* namedNodes(
  launches: Pick<AuthorizedLaunches, 'get'>,
  by: Principal,
  search: { ids: readonly string[]; from: ScanPosition | undefined },
): AsyncGenerator<Node> {
  const nodes: Node[] = [];
  for (const id of new Set(search.ids)) nodes.push(await launches.get(by, id));
  nodes.sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1));
  const { from } = search;
  const start = from && `${from.createdAt} ${from.nodeId}`;
  for (const node of nodes) if (start === undefined || placeOf(node) <= start) yield node;
}

function placeOf({ createdAt, id }: Node): string {
  return `${createdAt} ${id}`;
}
