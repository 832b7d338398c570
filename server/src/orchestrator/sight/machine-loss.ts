import type { FailureReason } from '@launchlog/shared/node';
import { launchChoices } from '@launchlog/shared/launch-choice';
import type { Clock } from '../../clock.js';
import { Deadline } from '../../wait/deadline.js';
import type { LaunchSpec, Observation } from '../orchestrator.js';
import type { SkypilotControl } from '../skypilot/control.js';
import { SkypilotSight } from './skypilot-sight.js';

type FailedObservation = Extract<Observation, { kind: 'failed' }>;

interface FailedLaunch {
  readonly spec: LaunchSpec;
  /** Its job was submitted, so there was a machine. */
  readonly hadJob: boolean;
}

interface MachineLossOptions {
  readonly control: SkypilotControl;
  readonly clock: Clock;
}

/** Short, because the clean-up waits for it. */
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
 * Distinguishes a launch that failed from one whose machine has vanished: SkyPilot only reports which of its commands did not
 * work. SkyPilot must have the cluster while its cloud has no machine, or have forgotten the cluster of a job. Before the
 * job, a cluster that SkyPilot does not have proves nothing: it removes what it could not provision.
 */
export class MachineLoss {
  readonly #options: MachineLossOptions;

  constructor(options: MachineLossOptions) {
    this.#options = options;
  }

  /** Reports the failure, or the loss instead. Reports nothing once the signal is aborted. */
  async *explained(
    failure: FailedObservation,
    launch: FailedLaunch,
    signal: AbortSignal,
  ): AsyncGenerator<Observation> {
    const loss = DOUBTFUL.has(failure.reason) ? await this.#lossOf(launch, signal) : undefined;
    if (signal.aborted) return;
    if (loss === undefined) {
      yield failure;
      return;
    }
    yield { kind: 'action', level: 'warn', message: failure.message };
    yield { kind: 'failed', reason: 'interrupted', message: loss, hint: HINT };
  }

  /** Never rejects: if the cluster cannot be looked up, there is no loss. */
  async #lossOf({ spec, hadJob }: FailedLaunch, signal: AbortSignal): Promise<string | undefined> {
    const { control, clock } = this.#options;
    const { clusterName, request, handle } = spec;
    const deadline = new Deadline({ clock, ms: WITHIN_MS, signal });
    try {
      const known = hadJob || (await control.cluster(clusterName, deadline.signal)) !== undefined;
      if (!known) return undefined;
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
