import type { FailureReason } from '@launchlog/shared/node';
import type { Observation } from '../orchestrator.js';

const ENDED: Readonly<Record<string, { readonly reason: FailureReason; readonly message: string }>> = {
  FAILED_SETUP: { reason: 'setup_failed', message: 'The setup script failed on the instance' },
  FAILED: { reason: 'model_load_failed', message: 'The model server ended with an error' },
  FAILED_DRIVER: { reason: 'setup_failed', message: "SkyPilot's job driver failed on the instance" },
  SUCCEEDED: { reason: 'model_load_failed', message: 'The model server ended by itself' },
  CANCELLED: { reason: 'cancelled', message: 'The job was cancelled at SkyPilot' },
};

export function jobHasEnded(status: string | undefined): boolean {
  return status !== undefined && ENDED[status] !== undefined;
}

/** A model server should never end, so the end of its job is a failure, whatever the job's status. */
export function jobEnd(status: string | undefined): Observation {
  const known = status === undefined ? undefined : ENDED[status];
  if (known !== undefined) return { kind: 'failed', ...known };
  return {
    kind: 'failed',
    reason: 'unknown',
    message: `The job has ended (${status ?? 'its status is unknown'})`,
  };
}
