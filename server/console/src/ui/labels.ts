import type { FailureReason, LossReason, Node, NodeHealth, NodeStatus, Phase } from '@launchlog/sdk';

/** What people read for the values on the wire. */
export const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  queued: 'Queued',
  provisioning: 'Provisioning',
  instance_ready: 'Instance ready',
  installing: 'Installing',
  model_loading: 'Loading model',
  health_check: 'Health check',
  active: 'Active',
  failed: 'Failed',
};

export const STATUS_LABELS: Readonly<Record<NodeStatus, string>> = {
  launching: 'Launching',
  active: 'Active',
  failed: 'Failed',
  terminating: 'Terminating',
  terminated: 'Terminated',
  lost: 'Lost',
};

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

export const FAILURE_LABELS: Readonly<Record<FailureReason, string>> = {
  no_capacity: 'No capacity',
  quota: 'Quota exceeded',
  credentials: 'Credentials refused',
  setup_failed: 'Setup failed',
  model_load_failed: 'Model did not load',
  unhealthy: 'Never became healthy',
  timeout: 'Took too long',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  unknown: 'Failed',
};

/** The label of a node's phase. A terminated node keeps its last phase but is no longer active. */
export function phaseLabel({ phase, status }: Pick<Node, 'phase' | 'status'>): string {
  const over = status === 'terminating' || status === 'terminated' || status === 'lost';
  return over && phase === 'active' ? 'Was active' : PHASE_LABELS[phase];
}
