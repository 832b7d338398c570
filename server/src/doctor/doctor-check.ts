import type { DoctorFinding } from '@launchlog/shared/doctor';

/** Checks one dependency. It changes nothing that others can see. */
export interface DoctorCheck {
  readonly name: string;
  /** The remedy if the check rejects or does not answer. */
  readonly remedy: string;
  readonly look: () => Promise<readonly DoctorFinding[]>;
}
