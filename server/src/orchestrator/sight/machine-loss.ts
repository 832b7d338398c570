import type { FailureReason } from '@launchlog/shared/node';
import { launchChoices } from '@launchlog/shared/launch-choice';
import type { Clock } from '../../clock.js';
import { Deadline } from '../../wait/deadline.js';
import type { LaunchSpec, Observation } from '../orchestrator.js';
import type { SkypilotControl } from '../skypilot/control.js';
import { SkypilotSight } from './skypilot-sight.js';

type Failure = Extract<Observation, { kind: 'failed' }>;

interface MachineLossOptions {
  readonly control: SkypilotControl;
  readonly clock: Clock;
}

/** The clean-up waits for it. */
const WITHIN_MS = 60_000;

/** Reasons that a vanished machine can look like: a command that failed, a connection that broke, a job without an end. */
const DOUBTFUL: ReadonlySet<FailureReason> = new Set([
  'setup_failed',
  'model_load_failed',
  'unhealthy',
  'interrupted',
  'unknown',
]);

/**
 * Tells a launch that failed from one whose machine has vanished: SkyPilot only reports which of its commands did not
 * work. SkyPilot must have the cluster while its cloud has no machine; a cluster that SkyPilot removed itself proves
 * nothing.
 */
export class MachineLoss {
  readonly #options: MachineLossOptions;

  constructor(options: MachineLossOptions) {
    this.#options = options;
  }

  /** Reports the failure, or the loss in its place. Reports nothing once the signal is aborted. */
  async *explained(failure: Failure, spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const loss = DOUBTFUL.has(failure.reason) ? await this.#lossOf(spec, signal) : undefined;
    if (signal.aborted) return;
    if (loss === undefined) {
      yield failure;
      return;
    }
    yield { kind: 'action', level: 'warn', message: failure.message };
    yield { kind: 'failed', reason: 'interrupted', message: loss, hint: HINT };
  }

  /** Never rejects: what cannot be seen is no loss. */
  async #lossOf(
    { clusterName, request, handle }: LaunchSpec,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { control, clock } = this.#options;
    const deadline = new Deadline({ clock, ms: WITHIN_MS, signal });
    try {
      if ((await control.cluster(clusterName, deadline.signal)) === undefined) return undefined;
      const useSpot = launchChoices(request).every(({ spot }) => spot);
      const cluster = { clusterName, useSpot, handle };
      const sights = await new SkypilotSight(control).look([cluster], true, deadline.signal);
      const sight = sights.get(clusterName);
      return sight?.kind === 'gone' ? sight.message : undefined;
    } catch {
      return undefined;
    } finally {
      deadline.clear();
    }
  }
}

const HINT = 'Launch again, in another place if it happens often.';
