import type { LaunchlogClient } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';

/** Maximum number of ended launches whose logs start the page; the newest are taken. */
const NODES_MAX = 40;
/** Number of entries read from the end of each log. */
const ENTRIES_MAX = 1_000;

/**
 * The server's stream has launches that ended within the last hour. Those that ended more than half an hour ago are read
 * here: the overlap makes up for a wrong clock on this computer.
 */
const ENDED_BEFORE_MS = 30 * 60_000;

interface DeploymentHistory {
  readonly nodeIds: readonly string[];
  /** Sorted by time; the entries of one node keep their order. */
  readonly entries: readonly { readonly nodeId: string; readonly entry: LogEntry }[];
  readonly failed: readonly { readonly nodeId: string; readonly error: unknown }[];
}

/** The merged logs of a deployment's launches that ended some time ago. */
export async function deploymentHistory(
  client: Pick<LaunchlogClient, 'listNodes' | 'logs'>,
  { deploymentId, nowMs }: { readonly deploymentId: string; readonly nowMs: number },
): Promise<DeploymentHistory> {
  const status = ['active', 'failed', 'terminating', 'terminated'] as const;
  const { nodes } = await client.listNodes({ deploymentId, status: [...status], limit: NODES_MAX });
  const latest = new Date(nowMs - ENDED_BEFORE_MS).toISOString();
  const nodeIds = nodes.filter(({ endedAt = '' }) => endedAt < latest).map((node) => node.id);
  const pages = await Promise.allSettled(nodeIds.map((id) => client.logs(id, { tail: ENTRIES_MAX })));
  const entries: { nodeId: string; entry: LogEntry }[] = [];
  const failed: { nodeId: string; error: unknown }[] = [];
  for (const [index, page] of pages.entries()) {
    const nodeId = nodeIds[index] ?? '';
    if (page.status === 'rejected') failed.push({ nodeId, error: page.reason });
    else for (const entry of page.value.logs) entries.push({ nodeId, entry });
  }
  entries.sort((one, other) => Date.parse(one.entry.timestamp) - Date.parse(other.entry.timestamp));
  return { nodeIds, entries, failed };
}
