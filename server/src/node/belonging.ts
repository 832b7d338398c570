/** As much of a node as says whose it is. */
export interface Belonging {
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** Whether a node is of these; undefined is any. Where a node belongs does not change. */
export function belongsTo(node: Belonging, { deploymentId, tenantId }: Belonging): boolean {
  return (
    (deploymentId === undefined || deploymentId === node.deploymentId) &&
    (tenantId === undefined || tenantId === node.tenantId)
  );
}
