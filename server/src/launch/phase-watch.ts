import { isTerminalPhase } from '@launchlog/shared/phase';
import type { Clock } from '../clock.js';
import type { Forecast } from './forecast.js';
import type { Launch } from './launch.js';
import type { LaunchLimits } from './launch-limits.js';

export interface PhaseWatchOptions {
  readonly clock: Clock;
  readonly limits: LaunchLimits;
  readonly forecast: Forecast;
  readonly onDeadline: (deadlineMs: number) => void;
  readonly onStall: (usual: { readonly p95Ms: number; readonly samples: number }) => void;
}

/** Looks at the clock for a launch: a phase may stall, which is told, and must end, or the launch fails. */
export class PhaseWatch {
  readonly #options: PhaseWatchOptions;
  #cancel: (() => void)[] = [];

  constructor(options: PhaseWatchOptions) {
    this.#options = options;
  }

  /** The phase has begun, in this process or, before a takeover, in another. */
  begin(launch: Launch, leastMs: number): void {
    this.end();
    if (isTerminalPhase(launch.phase)) return;
    const { clock, limits, forecast, onDeadline, onStall } = this.#options;
    const elapsedMs = Math.max(0, clock.now() - launch.phaseStartedAtMs);
    const deadlineMs = limits.phaseDeadlineMs[launch.phase];
    const leftMs = Math.max(leastMs, deadlineMs - elapsedMs);
    this.#cancel.push(clock.after(leftMs, () => onDeadline(deadlineMs)));
    const usual = forecast.usual(launch.phase);
    if (usual === undefined || usual.p95Ms >= deadlineMs) return;
    this.#cancel.push(clock.after(Math.max(0, usual.p95Ms - elapsedMs), () => onStall(usual)));
  }

  /** Harmless when called twice. */
  end(): void {
    for (const cancel of this.#cancel) cancel();
    this.#cancel = [];
  }
}
