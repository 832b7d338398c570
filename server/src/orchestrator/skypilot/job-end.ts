import type { FailureReason } from '@launchlog/shared/node';
import type { Observation } from '../orchestrator.js';

const ENDED: Readonly<Record<string, { readonly reason: FailureReason; readonly message: string }>> = {
  FAILED_SETUP: { reason: 'setup_failed', message: 'The setup script failed on the instance' },
  FAILED: { reason: 'model_load_failed', message: 'The model server ended with an error' },
  FAILED_DRIVER: { reason: 'setup_failed', message: "SkyPilot's job driver failed on the instance" },
  SUCCEEDED: { reason: 'model_load_failed', message: 'The model server ended by itself' },
  CANCELLED: { reason: 'cancelled', message: 'The job was cancelled at SkyPilot' },
};

/** The ends that only programs on a living machine report. The driver may also end because the machine is lost. */
const REPORTED_BY_MACHINE = ['FAILED_SETUP', 'FAILED', 'SUCCEEDED', 'CANCELLED'] as const;

/** Whether the machine itself reported this end of its job: then the machine was not lost. */
export function reportedByMachine({ message }: { readonly message: string }): boolean {
  return REPORTED_BY_MACHINE.some((status) => ENDED[status]?.message === message);
}

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
