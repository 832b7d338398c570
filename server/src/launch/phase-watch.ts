import { isTerminalPhase } from '@launchlog/shared/phase';
import type { Clock } from '../clock.js';
import type { Forecast } from './forecast.js';
import type { Launch } from './launch.js';
import type { LaunchLimits } from './launch-limits.js';

interface PhaseWatchOptions {
  readonly clock: Clock;
  readonly limits: LaunchLimits;
  readonly forecast: Forecast;
  readonly onDeadline: (deadlineMs: number) => void;
  readonly onStall: (usual: { readonly p95Ms: number; readonly samples: number }) => void;
}

/** Watches the time of a phase: reports a phase that stalls, and fails the launch at its deadline. */
export class PhaseWatch {
  readonly #options: PhaseWatchOptions;
  #cancel: (() => void)[] = [];

  constructor(options: PhaseWatchOptions) {
    this.#options = options;
  }

  /**
   * Watches a phase that has begun, here or, before a takeover, in another process. It gets at least `leastMs`. `stallReported`:
   * its stall was reported before.
   */
  begin(launch: Launch, begun: { readonly leastMs: number; readonly stallReported: boolean }): void {
    this.end();
    if (isTerminalPhase(launch.phase)) return;
    const { clock, limits, forecast, onDeadline, onStall } = this.#options;
    const elapsedMs = Math.max(0, clock.now() - launch.phaseStartedAtMs);
    const deadlineMs = limits.phaseDeadlineMs[launch.phase];
    const leftMs = Math.max(begun.leastMs, deadlineMs - elapsedMs);
    this.#cancel.push(clock.after(leftMs, () => onDeadline(deadlineMs)));
    const usual = forecast.usual(launch.phase);
    if (usual === undefined || begun.stallReported) return;
    const patienceMs = Math.max(usual.p95Ms, limits.minStallMs);
    this.#cancel.push(clock.after(Math.max(0, patienceMs - elapsedMs), () => onStall(usual)));
  }

  /** Idempotent. */
  end(): void {
    for (const cancel of this.#cancel) cancel();
    this.#cancel = [];
  }
}
