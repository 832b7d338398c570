import type { Node } from '@launchlog/sdk';

/** Maximum number of nodes in the legend: running launches first, then queued ones, then the newest nodes. */
export const LEGEND_NODES_MAX = 40;

export function legendNodes(
  nodes: readonly Node[],
  members: ReadonlySet<string>,
): { readonly named: readonly Node[]; readonly left: number } {
  const shown = nodes
    .filter((node) => members.has(node.id))
    .toSorted((one, other) => rank(one) - rank(other) || other.createdAt.localeCompare(one.createdAt));
  return { named: shown.slice(0, LEGEND_NODES_MAX), left: Math.max(0, shown.length - LEGEND_NODES_MAX) };
}

function rank({ status, phase }: Node): number {
  if (status !== 'launching') return 2;
  return phase === 'queued' ? 1 : 0;
}
