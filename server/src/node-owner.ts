/** The owner of a node; it never changes. As a filter, a field that is undefined matches every node. */
export interface NodeOwner {
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** Whether the node matches the filter. */
export function belongsTo(node: NodeOwner, { deploymentId, tenantId }: NodeOwner): boolean {
  return (
    (deploymentId === undefined || deploymentId === node.deploymentId) &&
    (tenantId === undefined || tenantId === node.tenantId)
  );
}
