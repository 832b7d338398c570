import type { Launch } from '@launchlog/server/launch/launch';
import { BLANK_MEMORY } from '@launchlog/server/node/node-record';

/** A launch of which nothing has been observed yet. */
export function newLaunch(nowMs: number): Launch {
  return {
    phase: 'queued',
    progress: 0,
    phaseStartedAtMs: nowMs,
    phaseSeconds: {},
    attempts: [],
    ...BLANK_MEMORY,
    endpoint: undefined,
    failure: undefined,
  };
}
