import type { SimulatorScenario } from '@launchlog/shared/launch-request';
import type { ClusterSight } from '../sight/cluster-sight.js';
import type { SimulatedHandle } from './handle.js';

/** Long enough that every measure of slowness notices, and short enough that the answer still counts as one. */
const SLOW_ANSWER_MS = 3_000;

export const TORN_DOWN: ClusterSight = {
  kind: 'gone',
  reason: 'deleted',
  message: 'The simulated cluster was terminated.',
};

/** The state of the machine, by its handle and the wall clock: the same for every server. */
export function simulatedSight(handle: SimulatedHandle, clusterName: string, nowMs: number): ClusterSight {
  const reason = hasSetIn(handle, nowMs) ? { ...LOSSES, ...OVERSIGHTS }[handle.scenario] : undefined;
  if (reason === undefined) return { kind: 'there', state: 'UP' };
  const what = reason === 'preempted' ? 'took the spot machine back' : 'no longer has the machine';
  return { kind: 'gone', reason, message: `The simulated cloud ${what} of ${clusterName}.` };
}

/** Whether the model server listens. */
export function simulatedServerLives(handle: SimulatedHandle, nowMs: number): boolean {
  const dies = LOSSES[handle.scenario] !== undefined || handle.scenario === 'server-dies';
  return !(dies && hasSetIn(handle, nowMs));
}

/** How long the model server waits before it answers, in milliseconds. */
export function simulatedAnswerMs(handle: SimulatedHandle, nowMs: number): number {
  return handle.scenario === 'slow' && hasSetIn(handle, nowMs) ? SLOW_ANSWER_MS : 0;
}

/** The number of requests that the model server runs. */
export function simulatedRequests(handle: SimulatedHandle, nowMs: number): number {
  return handle.scenario === 'idle' && hasSetIn(handle, nowMs) ? 0 : 1;
}

const LOSSES: Partial<Record<SimulatorScenario, 'preempted' | 'deleted'>> = {
  preempted: 'preempted',
  vanished: 'deleted',
};

/** Scenarios in which SkyPilot reports the machine as gone although it lives and its model server answers. */
const OVERSIGHTS: Partial<Record<SimulatorScenario, 'deleted'>> = { forgotten: 'deleted' };

function hasSetIn({ fateAt }: SimulatedHandle, nowMs: number): boolean {
  return fateAt !== undefined && nowMs >= fateAt;
}
