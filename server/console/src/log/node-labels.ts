/** Colours that tell nodes apart in a merged log; more nodes than colours share them. */
export const NODE_HUES = 8;

export interface NodeLabel {
  readonly name: string;
  /** The end of the name, where names differ: `a100-spot-550e84`. */
  readonly shortName: string;
  readonly hue: number;
}

export type NodeLabels = ReadonlyMap<string, NodeLabel>;

/** Nodes keep their colour as others come: it follows from the order of their creation. */
export function nodeLabels(
  nodes: readonly { readonly id: string; readonly clusterName: string; readonly createdAt: string }[],
): NodeLabels {
  const ordered = nodes.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
  return new Map(ordered.map((node, index) => [node.id, labelOf(node.clusterName, index)]));
}

function labelOf(name: string, index: number): NodeLabel {
  return { name, shortName: name.split('-').slice(-3).join('-'), hue: index % NODE_HUES };
}
