import type { Command } from 'commander';
import { NODE_LIST_MAX, nodeListQuerySchema } from '@launchlog/shared/node';
import type { Node, NodeListQueryInput, NodeStatus } from '@launchlog/shared/node';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { UsageError } from '../session/exit-code.js';
import { listOption, parseFlags } from './flag-value.js';
import { ALL_NODES } from '../screen/error-text.js';
import { inParallel } from '../session/in-parallel.js';
import { resolveNode } from './resolve-node.js';

/** Nodes that one command acts on. */
const SELECTED_MAX = 10_000;

/** What `--selector` understands, and the field of the list that each name stands for. */
const FIELDS: Readonly<Record<string, keyof NodeListQueryInput>> = {
  deployment: 'deploymentId',
  tenant: 'tenantId',
  status: 'status',
  health: 'health',
  reason: 'reason',
  provider: 'provider',
  region: 'region',
  gpu: 'gpu',
};
/** These fields take several values; any of them matches. */
const LISTS: readonly string[] = ['status', 'health', 'reason'];

export interface SelectionFlags {
  readonly selector?: string[];
}

/** Adds the nodes by name, or by what they have in common. */
export function addNodeSelection(command: Command): Command {
  return command
    .argument('[nodes...]', 'ids, beginnings of ids, or cluster names')
    .option(
      '-l, --selector <pairs>',
      `all nodes with these values, such as deployment=chat: ${Object.keys(FIELDS).join(', ')}`,
      listOption,
    );
}

interface Selection {
  readonly names: readonly string[];
  readonly flags: SelectionFlags;
  /** The statuses that the command is for. They narrow a selector without `status`; a node that is named is always taken. */
  readonly statuses?: readonly NodeStatus[];
}

/** Finds the selected nodes, each once. */
export async function selectNodes(
  client: LaunchlogClient,
  { names, flags: { selector }, statuses }: Selection,
): Promise<Node[]> {
  if (selector !== undefined && names.length > 0) {
    throw new UsageError('name nodes or pass --selector, not both');
  }
  if (selector !== undefined) return matching(client, selector, statuses);
  if (names.length === 0) {
    throw new UsageError('name one or more nodes, or pass --selector, such as --selector deployment=chat');
  }
  return nodesNamed(client, names);
}

/** Finds nodes by name, each once. Throws if one of the names is unknown, and names every one of them. */
export async function nodesNamed(client: LaunchlogClient, names: readonly string[]): Promise<Node[]> {
  const unknown: LaunchlogApiError[] = [];
  const found = await inParallel([...new Set(names)], async (name) => {
    try {
      return await resolveNode(client, name);
    } catch (error) {
      if (!(error instanceof LaunchlogApiError) || error.code !== 'node_not_found') throw error;
      unknown.push(error);
      return undefined;
    }
  });
  const [first] = unknown;
  if (first !== undefined && unknown.length === 1) throw first;
  if (first !== undefined) throw new Error([...unknown.map(({ message }) => message), ALL_NODES].join('; '));
  const nodes = found.filter((node) => node !== undefined);
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}

async function matching(
  client: LaunchlogClient,
  selector: readonly string[],
  statuses: readonly NodeStatus[] | undefined,
): Promise<Node[]> {
  const query = selectorQuery(selector);
  const narrowed =
    query.status === undefined && statuses !== undefined ? { ...query, status: [...statuses] } : query;
  const nodes = new Map<string, Node>();
  let cursor: string | undefined;
  do {
    const page = await client.listNodes({
      ...narrowed,
      limit: NODE_LIST_MAX,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const node of page.nodes) nodes.set(node.id, node);
    cursor = page.nextCursor;
    if (nodes.size > SELECTED_MAX) {
      throw new UsageError(
        `--selector matches more than ${SELECTED_MAX} nodes: add another pair to narrow it`,
      );
    }
  } while (cursor !== undefined);
  if (nodes.size > 0) return [...nodes.values()].reverse();
  const which = narrowed === query || statuses === undefined ? 'node' : `${statuses.join(' or ')} node`;
  throw new Error(`no ${which} matches --selector ${selector.join(',')}`);
}

/** `deployment=chat,status=failed` as a query of the list. */
function selectorQuery(pairs: readonly string[]): NodeListQueryInput {
  const given: Record<string, string | string[]> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(at, 0)).trim();
    const value = pair.slice(at + 1).trim();
    const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
    if (field === undefined || value === '') {
      throw new UsageError(
        `--selector takes pairs such as deployment=chat of ${Object.keys(FIELDS).join(', ')}, not '${pair}'`,
      );
    }
    const earlier = given[field];
    if (LISTS.includes(field)) given[field] = [...(Array.isArray(earlier) ? earlier : []), value];
    else if (earlier === undefined || earlier === value) given[field] = value;
    else throw new UsageError(`--selector has two values for ${key}: no node has both`);
  }
  const names = Object.entries(FIELDS).map(([key, field]) => [field, `--selector ${key}`] as const);
  return parseFlags<NodeListQueryInput>(nodeListQuerySchema, given, Object.fromEntries(names));
}
