import type { Clock } from '../clock.js';
import type { Observation, Orchestrator, LaunchSpec } from '../orchestrator/orchestrator.js';
import type { LaunchLimits } from './launch-limits.js';
import { untilAborted } from './until-aborted.js';

export interface TearDownRequest {
  readonly orchestrator: Orchestrator;
  readonly spec: LaunchSpec;
  readonly clock: Clock;
  readonly limits: LaunchLimits;
  readonly signal: AbortSignal;
  readonly onObservation: (observation: Observation) => void;
}

/** Removes the cloud resources of a node. Rejects with the reason when that failed, took too long or was aborted. */
export async function tearDown(request: TearDownRequest): Promise<void> {
  const { orchestrator, spec, clock, limits, signal, onObservation } = request;
  const late = new AbortController();
  const stopTimer = clock.after(limits.tearDownMs, () =>
    late.abort(new Error(`it was not done after ${Math.round(limits.tearDownMs / 1_000)} s`)),
  );
  const either = AbortSignal.any([signal, late.signal]);
  try {
    for await (const observation of untilAborted(orchestrator.tearDown(spec, either), either)) {
      if (observation.kind === 'failed') throw new Error(observation.message);
      onObservation(observation);
    }
    either.throwIfAborted();
  } finally {
    stopTimer();
  }
}
