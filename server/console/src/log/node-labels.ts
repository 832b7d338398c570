/** Colours that tell nodes apart in a merged log; more nodes than colours share them. */
export const NODE_HUES = 8;

export interface NodeLabel {
  readonly name: string;
  readonly hue: number;
}

export type NodeLabels = ReadonlyMap<string, NodeLabel>;

/** Nodes keep their colour as others come: it follows from the order of their creation. */
export function nodeLabels(
  nodes: readonly { readonly id: string; readonly clusterName: string; readonly createdAt: string }[],
): NodeLabels {
  const ordered = nodes.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
  return new Map(ordered.map((node, index) => [node.id, { name: node.clusterName, hue: index % NODE_HUES }]));
}
