/** Colours that tell nodes apart in a merged log; more nodes than colours share them. */
export const NODE_HUES = 8;

export interface NodeLabel {
  readonly name: string;
  /** The end of the name, where names differ: `a100-spot-550e84`. */
  readonly shortName: string;
  readonly hue: number;
}

export type NodeLabels = ReadonlyMap<string, NodeLabel>;

/**
 * Nodes keep their colour as others come: it follows from the order of their creation. Those of which nothing but the
 * id is known are called by that.
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
