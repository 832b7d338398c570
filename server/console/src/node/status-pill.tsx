import type { Node } from '@launchlog/sdk';
import { FAILURE_LABELS, STATUS_LABELS } from '../ui/labels.js';

/** The status as a colour and a label. A failed node shows the reason. */
export function StatusPill({ node }: { node: Pick<Node, 'status' | 'failureReason'> }) {
  const failed = node.status === 'failed' && node.failureReason !== undefined;
  return (
    <span className={`pill pill-${node.status}`}>
      <span className="pill-dot" aria-hidden="true" />
      {failed ? FAILURE_LABELS[node.failureReason ?? 'unknown'] : STATUS_LABELS[node.status]}
    </span>
  );
}
