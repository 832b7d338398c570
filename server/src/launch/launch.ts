import type { FailureReason, LaunchAttempt, PhaseSeconds } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { isTerminalPhase, phaseRank, PROGRESS_BANDS } from '@launchlog/shared/phase';
import type { OfferPrice } from '../node/node-record.js';

/** Where a launch stands. Changed by `transition` alone. */
export interface Launch {
  readonly phase: Phase;
  /** Percent, whole. */
  readonly progress: number;
  readonly phaseStartedAtMs: number;
  /** Of the phases that have ended. */
  readonly phaseSeconds: PhaseSeconds;
  /** Each place that was tried, in order; at most one is being tried, at most one has won. */
  readonly attempts: readonly LaunchAttempt[];
  readonly prices: readonly OfferPrice[];
  /** The model server said that it has started. */
  readonly startupComplete: boolean;
  /** Probes since then that were worth telling. */
  readonly probes: number;
  readonly endpoint: string | undefined;
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly reason: FailureReason;
  /** A sentence for people. */
  readonly message: string;
}

/** Moves on to a phase, at the beginning of its band. A phase that was reached or passed stays as it is. */
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

/** Moves to a fraction of the present phase's band, never back. */
export function advance(launch: Launch, fraction: number): Launch {
  if (launch.phase === 'failed') return launch;
  const { from, to } = PROGRESS_BANDS[launch.phase];
  const within = Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
  const progress = Math.max(launch.progress, Math.floor(from + within * (to - from)));
  return progress === launch.progress ? launch : { ...launch, progress };
}

/** Seconds from the launch's beginning until it ended, or until the present phase began. */
export function totalSeconds(launch: Launch): number {
  return Object.values(launch.phaseSeconds).reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
}
