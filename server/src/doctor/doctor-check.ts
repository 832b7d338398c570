import type { DoctorFinding } from '@launchlog/shared/doctor';

/** Looks at one thing. It changes nothing that anybody else sees. */
export interface DoctorCheck {
  readonly name: string;
  /** What to do where it rejects or does not answer. */
  readonly remedy: string;
  readonly look: () => Promise<readonly DoctorFinding[]>;
}
