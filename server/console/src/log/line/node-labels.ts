/** Number of colours that distinguish nodes in a merged log. If there are more nodes, they share colours. */
const NODE_HUES = 8;

export interface NodeLabel {
  readonly name: string;
  /** The end of the name, which is what differs between nodes: `a100-spot-550e84`. */
  readonly shortName: string;
  readonly hue: number;
}

export type NodeLabels = ReadonlyMap<string, NodeLabel>;

/**
 * Labels nodes in the order of their creation, so that a node keeps its colour when others join. Members that are not
 * among `nodes` are labelled by their id.
 */
export function nodeLabels(
  nodes: readonly { readonly id: string; readonly clusterName: string; readonly createdAt: string }[],
  members: ReadonlySet<string>,
): NodeLabels {
  const ordered = nodes.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
  const labels = new Map(ordered.map((node, index) => [node.id, labelOf(node.clusterName, index)]));
  for (const id of members) if (!labels.has(id)) labels.set(id, labelOf(id.slice(0, 8), labels.size));
  return labels;
}

function labelOf(name: string, index: number): NodeLabel {
  return { name, shortName: name.split('-').slice(-3).join('-'), hue: index % NODE_HUES };
}
