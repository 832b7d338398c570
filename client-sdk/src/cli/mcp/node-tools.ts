import { z } from 'zod';
import { nodeListQuerySchema } from '@launchlog/shared/node';
import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { resolveNode } from '../command/resolve-node.js';
import { mcpTool } from './mcp-tool.js';
import type { McpTool } from './mcp-tool.js';

const PAGE_MAX = 50;
const ERROR_LINES = 20;
const EVENTS_MAX = 100;
const MESSAGE_MAX = 500;

export const nodeArgument = z
  .string()
  .describe('id, beginning of an id (4 characters or more), or cluster name');

const listInput = nodeListQuerySchema
  .pick({
    status: true,
    health: true,
    reason: true,
    provider: true,
    region: true,
    gpu: true,
    deploymentId: true,
    createdSince: true,
    createdUntil: true,
    endedSince: true,
    endedUntil: true,
    q: true,
    sort: true,
    direction: true,
    cursor: true,
  })
  .extend({ limit: z.int().min(1).max(PAGE_MAX).default(20) });

const listNodes = mcpTool({
  name: 'list_nodes',
  title: 'List nodes',
  description:
    'GPU nodes, newest first, a page at a time, with exact counts by status. To find failed launches, use status ["failed"] and ' +
    'sort "ended". Times are RFC 3339.',
  input: listInput,
  async read(client, query) {
    const { nodes, nextCursor, counts } = await client.nodes.list({ ...query, counts: true });
    return { nodes: nodes.map(summary), nextCursor, counts };
  },
});

const getNode = mcpTool({
  name: 'get_node',
  title: 'Get a node',
  description: 'Everything that is known of one node: place, attempts, phases, cost, health, failure.',
  input: z.strictObject({ node: nodeArgument }),
  read: (client, { node }) => resolveNode(client, node),
});

const nodeEvents = mcpTool({
  name: 'node_events',
  title: 'Events of a node',
  description:
    'What happened to a node, oldest first: launch, attempts, health, loss, termination, relaunch.',
  input: z.strictObject({ node: nodeArgument }),
  async read(client, { node }) {
    const { id } = await resolveNode(client, node);
    const events = [];
    for await (const event of client.nodes.events(id)) {
      events.push(event);
      if (events.length > EVENTS_MAX) events.shift();
    }
    return { events };
  },
});

const explainFailure = mcpTool({
  name: 'explain_failure',
  title: 'Explain why a launch failed or a node was lost',
  description:
    'The cause in the words of the program that failed, a hint, the last lines of output, the places that were tried, and the ' +
    'errors in the log. Start here for "why did it fail?".',
  input: z.strictObject({ node: nodeArgument }),
  async read(client, { node: name }) {
    const node = await resolveNode(client, name);
    return { ...cause(node), errors: await errorLines(client, node) };
  },
});

export const NODE_TOOLS: readonly McpTool[] = [listNodes, getNode, nodeEvents, explainFailure];

function summary(node: Node): object {
  const { id, clusterName, status, phase, provider, region, gpuType, gpuCount, modelName } = node;
  const { health, failureReason, failureMessage, lossReason, deploymentId, pricePerHour } = node;
  const { createdAt, createdBy, endedAt, terminatedAt } = node;
  const place = { provider, region, gpuType, gpuCount, modelName, deploymentId, pricePerHour };
  const fate = { health, failureReason, failureMessage: failureMessage?.slice(0, MESSAGE_MAX), lossReason };
  return { id, clusterName, status, phase, ...place, ...fate, createdAt, createdBy, endedAt, terminatedAt };
}

function cause(node: Node): object {
  const { id, clusterName, status, phase, failureReason, failureMessage, hint, evidence } = node;
  const { lossReason, healthReason, attempts, phaseSeconds } = node;
  const failure = { failureReason, failureMessage, hint, evidence };
  return { id, clusterName, status, phase, ...failure, lossReason, healthReason, attempts, phaseSeconds };
}

/** A log may be gone by now; the cause on the node is not. */
async function errorLines(client: LaunchlogClient, node: Node): Promise<readonly string[]> {
  try {
    const { logs } = await client.nodes.logs(node.id, { level: ['error'], tail: ERROR_LINES });
    return logs.map(({ seq, timestamp, message }) => `${seq} ${timestamp} ${message}`);
  } catch {
    return [];
  }
}
