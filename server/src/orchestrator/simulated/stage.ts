import type { SimulatorScenario } from '@launchlog/shared/launch-request';
import type { FailureReason } from '@launchlog/shared/node';
import type { LaunchSpec, OutputStream } from '../orchestrator.js';
import { SimulatedRandom } from './random.js';

/** One step of a script; `atMs` is in simulated milliseconds since the launch was submitted. */
export type SimulatedStep = { readonly atMs: number } & (
  | { readonly kind: 'line'; readonly stream: OutputStream; readonly text: string }
  /** The endpoint is probed until it serves, or until `untilMs`. It listens from `readyAtMs` on; undefined is never. */
  | { readonly kind: 'probe'; readonly readyAtMs: number | undefined; readonly untilMs: number }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string }
);

export interface SimulatedLaunch {
  readonly spec: LaunchSpec;
  readonly scenario: SimulatorScenario;
  readonly seed: string;
  /** Milliseconds since 1970; the lines show times. */
  readonly startedAt: number;
}

/** From the end of the model server's start, in simulated time. */
const PROBE_AFTER_MS = 1_000;
const READY_AFTER_MS = 5_000;
/** How long a model server is probed before the launch fails, in simulated time. */
const PROBING_MAX_MS = 10 * 60_000;

/** Collects the steps of a script. Its clock stands still except in `wait`. */
export class Stage {
  readonly launch: SimulatedLaunch;
  readonly random: SimulatedRandom;
  readonly steps: SimulatedStep[] = [];
  #atMs = 0;

  constructor(launch: SimulatedLaunch) {
    this.launch = launch;
    this.random = new SimulatedRandom(launch.seed);
  }

  /** Simulated seconds, give or take a fifth. */
  wait(seconds: number): void {
    this.#atMs += Math.round(seconds * 1_000 * this.random.between(0.8, 1.2));
  }

  /** The present moment of the script as wall-clock time. */
  get now(): Date {
    return new Date(this.launch.startedAt + this.#atMs);
  }

  line(stream: OutputStream, text: string): void {
    this.steps.push({ atMs: this.#atMs, kind: 'line', stream, text });
  }

  probe(becomesReady: boolean): void {
    const atMs = this.#atMs + PROBE_AFTER_MS;
    const readyAtMs = becomesReady ? this.#atMs + READY_AFTER_MS : undefined;
    this.steps.push({ atMs, kind: 'probe', readyAtMs, untilMs: atMs + PROBING_MAX_MS });
  }

  fail(reason: FailureReason, message: string): void {
    this.steps.push({ atMs: this.#atMs, kind: 'failed', reason, message });
  }

  exhausted(regions: readonly string[]): void {
    this.fail(
      'no_capacity',
      `Failed to provision all possible launchable resources (tried ${regions.join(' and ')}).`,
    );
  }
}
