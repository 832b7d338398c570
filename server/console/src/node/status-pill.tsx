import { FAILURE_LABELS, STATUS_LABELS } from '@launchlog/sdk';
import type { Node } from '@launchlog/sdk';
import { HEALTH_LABELS, LOSS_LABELS } from '../ui/labels.js';

type Shown = Pick<Node, 'status' | 'failureReason' | 'health' | 'healthReason' | 'lossReason'>;

/** The status as a colour and a label. A failed or lost node shows the reason, an active one that is not healthy its health. */
export function StatusPill({ node }: { node: Shown }) {
  const health = node.status === 'active' && node.health !== 'healthy' ? node.health : undefined;
  const why = health === undefined ? undefined : node.healthReason;
  return (
    <span className={`pill pill-${health ?? node.status}`} title={why}>
      <span className="pill-dot" aria-hidden="true" />
      {health === undefined ? labelOf(node) : HEALTH_LABELS[health]}
    </span>
  );
}

function labelOf({ status, failureReason, lossReason }: Shown): string {
  if (status === 'failed' && failureReason !== undefined) return FAILURE_LABELS[failureReason];
  if (status === 'lost' && lossReason !== undefined) return LOSS_LABELS[lossReason];
  return STATUS_LABELS[status];
}
