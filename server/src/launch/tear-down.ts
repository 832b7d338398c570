import type { Clock } from '../clock.js';
import type { Observation, Orchestrator, LaunchSpec } from '../orchestrator/orchestrator.js';
import { Deadline } from '../wait/deadline.js';
import type { LaunchLimits } from './launch-limits.js';
import { untilAborted } from './until-aborted.js';

interface TearDownRequest {
  readonly orchestrator: Orchestrator;
  readonly spec: LaunchSpec;
  readonly clock: Clock;
  readonly limits: LaunchLimits;
  readonly signal: AbortSignal;
  readonly onObservation: (observation: Observation) => void;
}

/** Removes the cloud resources of a node. Rejects with the reason if that fails, takes too long or is aborted. */
export async function tearDown(request: TearDownRequest): Promise<void> {
  const { orchestrator, spec, clock, limits, signal, onObservation } = request;
  const ms = limits.tearDownMs;
  const message = `it was not done after ${Math.round(ms / 1_000)} s`;
  const deadline = new Deadline({ clock, ms, signal, message });
  try {
    for await (const observation of untilAborted(
      orchestrator.tearDown(spec, deadline.signal),
      deadline.signal,
    )) {
      if (observation.kind === 'failed') throw new Error(observation.message);
      onObservation(observation);
    }
    deadline.signal.throwIfAborted();
  } finally {
    deadline.clear();
  }
}
