import type { Node } from '@launchlog/sdk';

/** Nodes whose logs one page merges: beyond them the newest of those that are launching come first. */
export const MERGED_NODES_MAX = 40;

/** Which nodes a merged log shows: those it has shown already, then launching ones, then the newest. */
export function mergedNodes(
  nodes: readonly Node[],
  kept: ReadonlySet<string>,
): { readonly followed: readonly Node[]; readonly left: number } {
  const rank = (node: Node) => (kept.has(node.id) ? 0 : node.status === 'launching' ? 1 : 2);
  const ordered = nodes.toSorted(
    (one, other) => rank(one) - rank(other) || other.createdAt.localeCompare(one.createdAt),
  );
  return {
    followed: ordered.slice(0, MERGED_NODES_MAX),
    left: Math.max(0, nodes.length - MERGED_NODES_MAX),
  };
}
