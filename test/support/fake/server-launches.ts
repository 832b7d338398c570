import { randomUUID } from 'node:crypto';
import { notFound } from '@launchlog/shared/error-code';
import type { LaunchedRequest } from '@launchlog/shared/launch-changes';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { ANY, firstChoice } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { DESCENDING_SORTS } from '@launchlog/shared/node';
import type {
  LaunchResult,
  Node,
  NodeCounts,
  NodeListQuery,
  NodePage,
  NodeSort,
} from '@launchlog/shared/node';
import type { LaunchContext, LaunchService, RetryChoice } from '@launchlog/server/launch/launch-service';
import { noCounts } from '@launchlog/server/node/node-counts';
import { isListed } from '@launchlog/server/node/node-filter';
import { formatNodeListCursor, parseNodeListCursor } from '@launchlog/server/node/node-list-cursor';
import { sampleNode } from '../sample/sample-node.js';

type UseCases = Pick<LaunchService, 'launch' | 'get' | 'request' | 'list' | 'cancel' | 'terminate' | 'retry'>;

/** The use cases over a map, for tests of the edge alone: what is asked is kept, nothing is launched. */
export class ServerLaunches implements UseCases {
  readonly nodes = new Map<string, Node>();
  readonly asked: { request: LaunchRequest; context: LaunchContext; choice?: RetryChoice | undefined }[] = [];
  /** The names of the secrets of each node that has some. */
  readonly secretNames = new Map<string, string[]>();

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

  async request(idOrClusterName: string): Promise<LaunchedRequest> {
    const { id, provider, region, modelName, ...node } = await this.get(idOrClusterName);
    const { gpuType: gpu, gpuCount, useSpot, deploymentId, tenantId } = node;
    const request = launchRequestSchema.parse({
      provider,
      region,
      gpu,
      gpuCount,
      useSpot,
      model: modelName,
      ...(deploymentId !== undefined && { deploymentId }),
      ...(tenantId !== undefined && { tenantId }),
    });
    return { request, secretNames: this.secretNames.get(id) ?? [] };
  }

  list(query: NodeListQuery): Promise<NodePage> {
    const { cursor, sort = 'created', direction, limit } = query;
    const nodes = [...this.nodes.values()].filter((node) => isListed(node, query));
    const keyOf = ({ createdAt, id }: Node) => `${createdAt} ${id}`;
    const place = cursor === undefined ? undefined : parseNodeListCursor(cursor);
    const after = place && `${place.createdAt} ${place.id}`;
    const ordered = nodes
      .filter((node) => after === undefined || keyOf(node) < after)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? 1 : -1));
    const valueOf = SORT_VALUES[sort];
    if (valueOf !== undefined) {
      const sign = (direction ?? (DESCENDING_SORTS.has(sort) ? 'desc' : 'asc')) === 'desc' ? -1 : 1;
      ordered.sort((one, other) => sign * valueOf(one).localeCompare(valueOf(other)));
    }
    const page = ordered.slice(0, limit);
    const last = page.at(-1);
    return Promise.resolve({
      nodes: page,
      ...(ordered.length > limit &&
        last !== undefined && { nextCursor: formatNodeListCursor(new Date(last.createdAt), last.id) }),
      ...(query.counts === true && { counts: this.#counts(query) }),
    });
  }

  #counts({ status, ...query }: NodeListQuery): NodeCounts {
    const counts = noCounts();
    for (const node of this.nodes.values()) {
      if (!isListed(node, query)) continue;
      counts.statuses[node.status] += 1;
      if (status?.includes(node.status) ?? true) counts.total += 1;
    }
    return counts;
  }

  cancel(id: string): Promise<Node> {
    return this.get(id);
  }

  terminate(id: string): Promise<Node> {
    return this.get(id);
  }

  async retry(id: string, context: LaunchContext, choice?: RetryChoice): Promise<LaunchResult> {
    const node = await this.get(id);
    this.asked.push({ request: {} as LaunchRequest, context, choice });
    return { node: this.add({ retryOf: node.id }), replayed: true };
  }
}

/** Text that is ordered as the server orders nodes; the newest come first without one. */
const SORT_VALUES: Partial<Record<NodeSort, (node: Node) => string>> = {
  live: ({ status }) => String(status !== 'failed' && status !== 'terminated'),
  name: ({ clusterName }) => clusterName,
  model: ({ modelName }) => modelName,
  status: ({ status }) => status,
};
