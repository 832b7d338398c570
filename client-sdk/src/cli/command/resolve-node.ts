import type { Node } from '@launchlog/shared/node';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { UsageError } from '../session/exit-code.js';

/** The beginning of an id, as `launchlog list` shows it. */
const SHORT_ID = /^[0-9a-f]{4,8}(?:-[0-9a-f-]*)?$/;

/** Finds a node by its id, its cluster name, or a beginning of its id that no other node shares. */
export async function resolveNode(client: LaunchlogClient, name: string): Promise<Node> {
  try {
    return await client.getNode(name);
  } catch (error) {
    const unknown = error instanceof LaunchlogApiError && error.code === 'node_not_found';
    if (!unknown || !SHORT_ID.test(name)) throw error;
    const { nodes } = await client.listNodes({ q: name, limit: 50 });
    const matches = nodes.filter((node) => node.id.startsWith(name));
    const [only] = matches;
    if (only === undefined) throw error;
    if (matches.length > 1)
      throw new UsageError(`'${name}' is the beginning of ${matches.length} node ids: type more of it`);
    return only;
  }
}

/** Returns all nodes of a deployment, oldest first. */
export async function nodesOfDeployment(client: LaunchlogClient, deploymentId: string): Promise<Node[]> {
  const nodes: Node[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listNodes({
      deploymentId,
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    });
    nodes.push(...page.nodes);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return nodes.reverse();
}
