import type { Eta } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { isTerminalPhase, phaseRank } from '@launchlog/shared/phase';
import type { PhaseStatistics } from '../node/node-store.js';
import type { Launch } from './launch.js';

/** What past launches let us expect of this one. Says nothing where there were too few of them. */
export class Forecast {
  readonly #statistics: readonly PhaseStatistics[];

  constructor(statistics: readonly PhaseStatistics[], minSamples: number) {
    this.#statistics = statistics.filter(
      // How long a launch waits for a slot says nothing of the next one.
      ({ phase, samples }) => samples >= minSamples && phase !== 'queued' && !isTerminalPhase(phase),
    );
  }

  /** Time until the launch is expected to serve, from the medians of what lies ahead. */
  eta(launch: Launch, nowMs: number): Eta | undefined {
    if (isTerminalPhase(launch.phase)) return undefined;
    const ahead = this.#statistics.filter(({ phase }) => phaseRank(phase) >= phaseRank(launch.phase));
    // Phases with other sample sizes come from launches that skipped some: the smallest number is the honest one.
    const samples = Math.min(...ahead.map((past) => past.samples));
    const known = launch.phase === 'queued' || ahead.some(({ phase }) => phase === launch.phase);
    if (!known || ahead.length === 0) return undefined;
    const elapsed = Math.max(0, nowMs - launch.phaseStartedAtMs) / 1_000;
    const seconds = ahead.reduce(
      (sum, past) =>
        sum + (past.phase === launch.phase ? Math.max(0, past.medianSeconds - elapsed) : past.medianSeconds),
      0,
    );
    return { seconds: Math.round(seconds), samples };
  }

  /** How long the phase takes in 95 of 100 launches. */
  usual(phase: Phase): { readonly p95Ms: number; readonly samples: number } | undefined {
    const past = this.#statistics.find((each) => each.phase === phase);
    return past === undefined ? undefined : { p95Ms: past.p95Seconds * 1_000, samples: past.samples };
  }
}
