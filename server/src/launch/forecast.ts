import type { Eta } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { isTerminalPhase, phaseRank } from '@launchlog/shared/phase';
import type { PhaseStatistics } from '../node/node-store.js';
import type { Launch } from './launch.js';

/** Forecasts one launch from past launches. Makes no forecast from too few of them. */
export class Forecast {
  readonly #statistics: readonly PhaseStatistics[];

  constructor(statistics: readonly PhaseStatistics[], minSamples: number) {
    this.#statistics = statistics.filter(
      // The queue time of one launch does not predict that of the next.
      ({ phase, samples }) => samples >= minSamples && phase !== 'queued' && !isTerminalPhase(phase),
    );
  }

  /** The time until the launch is expected to serve: the sum of the medians of the remaining phases. */
  eta(launch: Launch, nowMs: number): Eta | undefined {
    if (isTerminalPhase(launch.phase)) return undefined;
    const ahead = this.#statistics.filter(({ phase }) => phaseRank(phase) >= phaseRank(launch.phase));
    // Sample sizes differ because launches may skip phases. The smallest one claims least.
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

  /** The time in which 95 of 100 launches complete the phase. */
  usual(phase: Phase): { readonly p95Ms: number; readonly samples: number } | undefined {
    const past = this.#statistics.find((each) => each.phase === phase);
    return past === undefined ? undefined : { p95Ms: past.p95Seconds * 1_000, samples: past.samples };
  }
}
