import type { Node } from '@launchlog/shared/node';
import { confirm } from '../session/ask.js';
import type { CliSession } from '../session/cli-session.js';
import type { ExitCode } from '../session/exit-code.js';
import { actOnEach } from './act-on-each.js';

/** Names in a question; the others are counted. */
const NAMES_MAX = 5;

/** Acts on nodes as `actOnEach` does. */
export function actOnNodes(
  session: CliSession,
  nodes: readonly Node[],
  act: (node: Node) => Promise<void>,
): Promise<ExitCode> {
  return actOnEach(session, nodes, { noun: 'nodes', nameOf: ({ clusterName }) => clusterName, act });
}

/** Asks on a terminal; without one there is nobody to ask. */
export async function mayAct(session: CliSession, verb: string, nodes: readonly Node[]): Promise<boolean> {
  if (!session.canAsk || (await confirm(session, `${verb} ${subjectOf(nodes)}?`))) return true;
  session.print('Nothing was done.');
  return false;
}

function subjectOf(nodes: readonly Node[]): string {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) {
    return `${only.clusterName} (${only.modelName} on ${only.gpuCount}×${only.gpuType})`;
  }
  const names = nodes.slice(0, NAMES_MAX).map((node) => node.clusterName);
  const more = nodes.length - names.length;
  return `${nodes.length} nodes (${names.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}
