import { randomUUID } from 'node:crypto';
import { notFound } from '@launchlog/shared/error-code';
import { ANY, firstChoice } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { LaunchResult, Node, NodeListQuery } from '@launchlog/shared/node';
import type { LaunchContext, LaunchService } from '@launchlog/server/launch/launch-service';
import { formatNodeListCursor, parseNodeListCursor } from '@launchlog/server/node/node-list-cursor';
import { sampleNode } from './sample-node.js';

type UseCases = Pick<LaunchService, 'launch' | 'get' | 'list' | 'cancel' | 'terminate' | 'retry'>;

/** The use cases over a map, for tests of the edge alone: what is asked is kept, nothing is launched. */
export class ServerLaunches implements UseCases {
  readonly nodes = new Map<string, Node>();
  readonly asked: { request: LaunchRequest; context: LaunchContext }[] = [];

  add(overrides: Partial<Node> = {}): Node {
    const id = overrides.id ?? randomUUID();
    const node = sampleNode({ id, clusterName: `cic-aws-uswest2-a100-spot-${id.slice(0, 6)}`, ...overrides });
    this.nodes.set(id, node);
    return node;
  }

  launch(request: LaunchRequest, context: LaunchContext): Promise<LaunchResult> {
    this.asked.push({ request, context });
    const node = this.add({
      ...(request.nodeId === undefined ? {} : { id: request.nodeId }),
      provider: firstChoice(request).provider,
      region: firstChoice(request).region ?? ANY,
      ...(request.deploymentId === undefined ? {} : { deploymentId: request.deploymentId }),
      ...(request.tenantId === undefined ? {} : { tenantId: request.tenantId }),
      gpuType: firstChoice(request).gpu,
      modelName: request.model,
    });
    return Promise.resolve({ node, replayed: false });
  }

  get(idOrClusterName: string): Promise<Node> {
    const node =
      this.nodes.get(idOrClusterName.toLowerCase()) ??
      [...this.nodes.values()].find((each) => each.clusterName === idOrClusterName);
    if (node === undefined) return Promise.reject(notFound('node', idOrClusterName));
    return Promise.resolve(node);
  }

  list(query: NodeListQuery): Promise<{ nodes: Node[]; nextCursor?: string }> {
    const { status, deploymentId, tenantId } = query;
    const nodes = [...this.nodes.values()].filter(
      (node) =>
        (status?.includes(node.status) ?? true) &&
        (deploymentId === undefined || deploymentId === node.deploymentId) &&
        (tenantId === undefined || tenantId === node.tenantId),
    );
    const keyOf = ({ createdAt, id }: Node) => `${createdAt} ${id}`;
    const place = query.cursor === undefined ? undefined : parseNodeListCursor(query.cursor);
    const after = place && `${place.createdAt} ${place.id}`;
    const newest = nodes
      .filter((node) => after === undefined || keyOf(node) < after)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? 1 : -1));
    const page = newest.slice(0, query.limit);
    const last = page.at(-1);
    return Promise.resolve(
      newest.length > page.length && last !== undefined
        ? { nodes: page, nextCursor: formatNodeListCursor(new Date(last.createdAt), last.id) }
        : { nodes: page },
    );
  }

  cancel(id: string): Promise<Node> {
    return this.get(id);
  }

  terminate(id: string): Promise<Node> {
    return this.get(id);
  }

  async retry(id: string, context: LaunchContext): Promise<LaunchResult> {
    const node = await this.get(id);
    this.asked.push({ request: {} as LaunchRequest, context });
    return { node: this.add({ retryOf: node.id }), replayed: true };
  }
}
