import type { FailureReason, LaunchAttempt, PhaseSeconds } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { isTerminalPhase, phaseRank, PROGRESS_BANDS } from '@launchlog/shared/phase';
import type { OfferPrice } from '../node/node-record.js';

/** The state of a launch. Only `transition` changes it. */
export interface Launch {
  readonly phase: Phase;
  /** Whole percent, 0 to 100. */
  readonly progress: number;
  readonly phaseStartedAtMs: number;
  /** The durations of the ended phases, in seconds. */
  readonly phaseSeconds: PhaseSeconds;
  /** Each offer that was tried, in order. At most one is being tried, and at most one has won. */
  readonly attempts: readonly LaunchAttempt[];
  readonly prices: readonly OfferPrice[];
  /** The model server has reported that it started. */
  readonly startupComplete: boolean;
  /** The number of probes since then that were logged. */
  readonly probes: number;
  readonly endpoint: string | undefined;
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly reason: FailureReason;
  /** A sentence for a person to read. */
  readonly message: string;
  /** What a person would try. */
  readonly hint?: string | undefined;
}

/** Enters a phase, at the beginning of its band. Does nothing if the phase was reached or passed before. */
export function enterPhase(launch: Launch, phase: Phase, nowMs: number): Launch {
  if (isTerminalPhase(launch.phase) || phaseRank(phase) <= phaseRank(launch.phase)) return launch;
  const seconds = Math.max(0, nowMs - launch.phaseStartedAtMs) / 1_000;
  const progress =
    phase === 'failed' ? launch.progress : Math.max(launch.progress, PROGRESS_BANDS[phase].from);
  return {
    ...launch,
    phase,
    progress,
    phaseStartedAtMs: nowMs,
    phaseSeconds: { ...launch.phaseSeconds, [launch.phase]: seconds },
  };
}

/** Moves to a fraction of the present phase's band. Progress never decreases. */
export function advance(launch: Launch, fraction: number): Launch {
  if (launch.phase === 'failed') return launch;
  const { from, to } = PROGRESS_BANDS[launch.phase];
  const within = Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
  const progress = Math.max(launch.progress, Math.floor(from + within * (to - from)));
  return progress === launch.progress ? launch : { ...launch, progress };
}

/** Seconds from the beginning of the launch to its end, or to the beginning of the present phase. */
export function totalSeconds(launch: Launch): number {
  return Object.values(launch.phaseSeconds).reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
}
