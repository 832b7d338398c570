import type { FailureReason, Node, NodeStatus, Phase } from '@launchlog/sdk';

/** The words people read for what the wire says. */
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

/** Where a launch is. A node that was terminated keeps its last phase and is active no more. */
export function phaseLabel({ phase, status }: Pick<Node, 'phase' | 'status'>): string {
  const over = status === 'terminating' || status === 'terminated';
  return over && phase === 'active' ? 'Was active' : PHASE_LABELS[phase];
}
