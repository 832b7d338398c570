import type { Config } from '../config.js';
import { LAUNCH_LIMITS, type LaunchLimits } from '../launch/launch-limits.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** So many heartbeats may be lost before a lease is. */
const HEARTBEATS_PER_LEASE = 3;

/** What the operator decides of the limits of launches; the rest is as it is. */
export function launchLimitsOf(config: Config): LaunchLimits {
  const leaseMs = config.LEASE_SECONDS * SECOND_MS;
  return {
    ...LAUNCH_LIMITS,
    maxRunning: config.MAX_RUNNING_LAUNCHES,
    leaseMs,
    heartbeatMs: Math.floor(leaseMs / HEARTBEATS_PER_LEASE),
    phaseDeadlineMs: {
      ...LAUNCH_LIMITS.phaseDeadlineMs,
      provisioning: config.PROVISIONING_TIMEOUT_MINUTES * MINUTE_MS,
      installing: config.INSTALLING_TIMEOUT_MINUTES * MINUTE_MS,
      model_loading: config.MODEL_LOADING_TIMEOUT_MINUTES * MINUTE_MS,
      health_check: config.HEALTH_CHECK_TIMEOUT_MINUTES * MINUTE_MS,
    },
  };
}
