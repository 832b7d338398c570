import type { SimulatorScenario } from '@launchlog/shared/launch-request';
import type { FailureReason } from '@launchlog/shared/node';
import type { LaunchSpec, OutputStream } from '../orchestrator.js';
import { SimulatedRandom } from './random.js';

/** What happens, and when, in simulated milliseconds since the launch was submitted. */
export type SimulatedStep = { readonly atMs: number } & (
  | { readonly kind: 'line'; readonly stream: OutputStream; readonly text: string }
  /** The model server opens its port; it is not healthy yet. */
  | { readonly kind: 'listen' }
  | { readonly kind: 'healthy' }
  /** The endpoint is probed from here on, until it serves or `untilMs` has come. */
  | { readonly kind: 'probe'; readonly untilMs: number }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string }
);

export interface SimulatedLaunch {
  readonly spec: LaunchSpec;
  readonly scenario: SimulatorScenario;
  readonly seed: string;
  /** Milliseconds since 1970: the lines carry times. */
  readonly startedAt: number;
}

/** A model server that is not healthy after so long will not be: simulated time. */
export const UNHEALTHY_AFTER_MS = 10 * 60_000;

const PROBE_AFTER_MS = 1_000;
const HEALTHY_AFTER_MS = 9_000;

/** Collects the steps; its clock is moved by `wait`. */
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

  /** A moment of the simulated launch as the wall clock shows it. */
  get now(): Date {
    return new Date(this.launch.startedAt + this.#atMs);
  }

  line(stream: OutputStream, text: string): void {
    this.steps.push({ atMs: this.#atMs, kind: 'line', stream, text });
  }

  listen(): void {
    this.steps.push({ atMs: this.#atMs, kind: 'listen' });
  }

  probe(turnsHealthy: boolean): void {
    const atMs = this.#atMs + PROBE_AFTER_MS;
    const healthyAtMs = this.#atMs + HEALTHY_AFTER_MS;
    // In the order of the script, though the server turns healthy while it is being probed.
    if (turnsHealthy) this.steps.push({ atMs: healthyAtMs, kind: 'healthy' });
    this.steps.push({ atMs, kind: 'probe', untilMs: atMs + UNHEALTHY_AFTER_MS });
  }

  fail(reason: FailureReason, message: string): void {
    this.steps.push({ atMs: this.#atMs, kind: 'failed', reason, message });
  }

  exhausted(places: readonly string[]): void {
    this.fail(
      'no_capacity',
      `Failed to provision all possible launchable resources (tried ${places.join(' and ')}).`,
    );
  }
}
