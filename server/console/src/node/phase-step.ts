import type { Node, Phase } from '@launchlog/sdk';
import { isTerminalPhase, PHASES } from '@launchlog/shared/phase';

/** One step of a launch as the timeline shows it. */
export interface PhaseStep {
  readonly phase: Exclude<Phase, 'failed'>;
  readonly state: 'done' | 'running' | 'failed' | 'waiting' | 'skipped';
  /** Duration of the step so far or in total; undefined if it has not started. */
  readonly durationMs: number | undefined;
}

type StepPhase = PhaseStep['phase'];
const STEP_PHASES: readonly StepPhase[] = PHASES.filter((phase) => phase !== 'failed');

export function phaseSteps(node: Node, nowMs: number): PhaseStep[] {
  const failedIn = node.phase === 'failed' ? lastPhaseOf(node) : undefined;
  const present = failedIn ?? node.phase;
  const presentRank = STEP_PHASES.findIndex((phase) => phase === present);
  return STEP_PHASES.map((phase, rank) => {
    const seconds = node.phaseSeconds[phase];
    const durationMs = seconds === undefined ? undefined : seconds * 1_000;
    if (phase === node.phase) return runningStep(phase, node, nowMs);
    if (phase === failedIn) return { phase, state: 'failed', durationMs };
    if (rank > presentRank) return { phase, state: 'waiting', durationMs: undefined };
    return { phase, state: durationMs === undefined ? 'skipped' : 'done', durationMs };
  });
}

/** The duration of the launch so far, or in total once it has ended. */
export function launchDurationMs(node: Node, nowMs: number): number {
  const end = node.endedAt === undefined ? nowMs : Date.parse(node.endedAt);
  return Math.max(0, end - Date.parse(node.createdAt));
}

function runningStep(phase: StepPhase, node: Node, nowMs: number): PhaseStep {
  if (isTerminalPhase(phase)) return { phase, state: 'done', durationMs: undefined };
  return { phase, state: 'running', durationMs: Math.max(0, nowMs - Date.parse(node.phaseStartedAt)) };
}

/** The phase in which a launch failed: the last one in which it spent time. */
function lastPhaseOf(node: Node): StepPhase {
  return STEP_PHASES.findLast((phase) => node.phaseSeconds[phase] !== undefined) ?? 'queued';
}
