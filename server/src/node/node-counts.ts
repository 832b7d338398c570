import { NODE_STATUSES } from '@launchlog/shared/node';
import type { NodeCounts } from '@launchlog/shared/node';

/** The counts where no node matches. */
export function noCounts(): NodeCounts {
  const statuses = Object.fromEntries(NODE_STATUSES.map((status) => [status, 0])) as NodeCounts['statuses'];
  return { total: 0, statuses };
}
