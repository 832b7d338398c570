import { PHASES } from '@launchlog/shared/phase';

/** The phases that a launch spends time in; the terminal ones are its end. */
export const TIMED_PHASES = PHASES.filter((phase) => phase !== 'active' && phase !== 'failed');
