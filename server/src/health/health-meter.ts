import type { LossReason, NodeHealth } from '@launchlog/shared/node';

/** Measures the watch of active nodes. None of these may throw. */
export interface HealthMeter {
  probed(result: 'ok' | 'slow' | 'failed'): void;
  /** A look at the clusters; `blind`: the orchestrator could not be asked. */
  looked(result: 'seen' | 'blind'): void;
  changed(health: NodeHealth): void;
  lost(reason: LossReason): void;
  /** How many nodes this process watches. */
  watching(nodes: number): void;
}
