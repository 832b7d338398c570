import type { Clock } from '../../clock.js';
import { SkypilotError } from './error.js';
import type { SkypilotControl, SkypilotLaunch } from './control.js';
import { mayBeUp } from './control.js';
import { retryPassing, submitRetryMs } from './retry.js';
import type { SkypilotRequestRecord } from './request-record.js';
import { hasEnded } from './request-record.js';

/** A launch whose answer was lost may need this long to appear among the server's requests. */
const SETTLE_MS = 3_000;
export const LAUNCH_REQUEST = 'sky.launch';

type Submission =
  | { readonly kind: 'submitted'; readonly requestId: string }
  /** It was submitted before, by a process that crashed. */
  | { readonly kind: 'found'; readonly requestId: string }
  /** The server has forgotten the request, but the cluster is up and its job runs. */
  | { readonly kind: 'found_cluster' }
  /** The server has forgotten the request and has an incomplete cluster. */
  | { readonly kind: 'lost' };

/**
 * Submits a launch once. A submission is not idempotent and its answer can be lost. So before each attempt the server is
 * asked for requests of the cluster, whose name belongs to this launch alone. See decision 26.
 */
export class SkypilotSubmission {
  readonly #control: SkypilotControl;
  readonly #clock: Clock;
  readonly #launch: SkypilotLaunch;

  constructor(control: SkypilotControl, clock: Clock, launch: SkypilotLaunch) {
    this.#control = control;
    this.#clock = clock;
    this.#launch = launch;
  }

  /** `onAttempt` is called before anything is sent that may launch a machine, and when one was found. */
  async submit(onAttempt: () => void, signal: AbortSignal): Promise<Submission> {
    const since = this.#clock.monotonic();
    for (;;) {
      const before = await retryPassing(this.#limit(signal), () => this.#lookUp(signal));
      onAttempt();
      if (before !== undefined) return before;
      try {
        return { kind: 'submitted', requestId: await this.#control.submitLaunch(this.#launch, signal) };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof SkypilotError) || !error.passing) throw error;
        if (this.#clock.monotonic() - since > submitRetryMs(error)) throw error;
        await this.#clock.sleep(SETTLE_MS, signal);
      }
    }
  }

  async #lookUp(signal: AbortSignal): Promise<Submission | undefined> {
    const requests = await this.#control.requestsOfCluster(this.#launch.clusterName, signal);
    const launches = requests.filter((request) => request.name === LAUNCH_REQUEST);
    const known = launches.find(isActive) ?? launches[0];
    if (known !== undefined) return { kind: 'found', requestId: known.requestId };
    const cluster = await this.#control.cluster(this.#launch.clusterName, signal);
    if (cluster === undefined) return undefined;
    return mayBeUp(cluster) ? { kind: 'found_cluster' } : { kind: 'lost' };
  }

  #limit(signal: AbortSignal) {
    return { clock: this.#clock, forMs: submitRetryMs, signal };
  }
}

function isActive(request: SkypilotRequestRecord): boolean {
  return !hasEnded(request.status);
}
