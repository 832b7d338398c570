import { PHASE_LABELS } from '@launchlog/sdk';
import type { LossReason, Node, NodeHealth } from '@launchlog/sdk';

export const HEALTH_LABELS: Readonly<Record<NodeHealth, string>> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  unreachable: 'Unreachable',
  unknown: 'Not visible',
};

export const LOSS_LABELS: Readonly<Record<LossReason, string>> = {
  preempted: 'Lost: preempted',
  deleted: 'Lost: deleted',
  stopped: 'Lost: stopped',
};

/** The label of a node's phase. A terminated node keeps its last phase but is no longer active. */
export function phaseLabel({ phase, status }: Pick<Node, 'phase' | 'status'>): string {
  const over = status === 'terminating' || status === 'terminated' || status === 'lost';
  return over && phase === 'active' ? 'Was active' : PHASE_LABELS[phase];
}
