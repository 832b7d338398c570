import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import type { SkypilotControl } from './control.js';
import { launchFailureOf } from './launch-failure.js';
import { retryPassing, WATCH_RETRY_MS } from './retry.js';
import { hasEnded } from './request-record.js';
import { LAUNCH_REQUEST } from './submission.js';

/** From a cancel until SkyPilot's process for the launch has ended. */
const CANCEL_TIMEOUT_MS = 60_000;
const CANCEL_POLL_MS = 500;
/** How often cancelling and removing are repeated until nothing is left. */
const ROUNDS_MAX = 4;
const ROUND_WAIT_MS = 5_000;

/**
 * Stops the launch of a cluster and removes its machine. Each round
 *
 * 1. cancels the launch requests that run, which leaves their machine running,
 * 2. removes the cluster with `down`,
 * 3. checks that neither is left: a cancelled request can come back to life (a retry during its pause).
 *
 * Rejects when something remains after the last round.
 */
export class SkypilotTeardown {
  readonly #control: SkypilotControl;
  readonly #clock: Clock;

  constructor(control: SkypilotControl, clock: Clock) {
    this.#control = control;
    this.#clock = clock;
  }

  async *run(clusterName: string, signal: AbortSignal): AsyncGenerator<Observation> {
    let problem = 'one of its launch requests is still running';
    for (let round = 1; round <= ROUNDS_MAX; round += 1) {
      yield* this.#cancelLaunches(clusterName, signal);
      problem = (yield* this.#down(clusterName, signal)) ?? problem;
      if (await this.#isGone(clusterName, signal)) {
        yield action('info', `SkyPilot has no more cloud resources of ${clusterName}`);
        return;
      }
      yield action('warn', `Cluster ${clusterName} is still there (${problem}); trying again`);
      await this.#clock.sleep(ROUND_WAIT_MS * round, signal);
    }
    throw new Error(`cluster ${clusterName} could not be removed: ${problem}`);
  }

  async *#cancelLaunches(clusterName: string, signal: AbortSignal): AsyncGenerator<Observation> {
    for (const requestId of await this.#activeLaunches(clusterName, signal)) {
      yield action('info', `Cancelling SkyPilot's launch request ${requestId}`);
      await this.#retry(signal, () => this.#control.cancel(requestId, signal));
      const since = this.#clock.monotonic();
      while ((await this.#activeLaunches(clusterName, signal)).includes(requestId)) {
        if (this.#clock.monotonic() - since > CANCEL_TIMEOUT_MS) {
          yield action('warn', `SkyPilot's launch request ${requestId} did not end when it was cancelled`);
          break;
        }
        await this.#clock.sleep(CANCEL_POLL_MS, signal);
      }
    }
  }

  /** Returns why it failed. `down` also ends the cluster's requests that survived the cancel. */
  async *#down(clusterName: string, signal: AbortSignal): AsyncGenerator<Observation, string | undefined> {
    if ((await this.#cluster(clusterName, signal)) === undefined) return undefined;
    yield action('info', `Removing cluster ${clusterName} and its machine`);
    const outcome = await this.#retry(signal, () => this.#control.down(clusterName, signal));
    switch (outcome.kind) {
      case 'succeeded':
        return undefined;
      case 'cancelled':
        return 'the removal was cancelled';
      case 'failed': {
        const { message } = launchFailureOf(outcome.error);
        yield action('warn', `SkyPilot could not remove cluster ${clusterName}: ${message}`);
        return message;
      }
    }
  }

  async #isGone(clusterName: string, signal: AbortSignal): Promise<boolean> {
    if ((await this.#activeLaunches(clusterName, signal)).length > 0) return false;
    return (await this.#cluster(clusterName, signal)) === undefined;
  }

  async #activeLaunches(clusterName: string, signal: AbortSignal): Promise<string[]> {
    const requests = await this.#retry(signal, () => this.#control.requestsOfCluster(clusterName, signal));
    return requests
      .filter((request) => request.name === LAUNCH_REQUEST && !hasEnded(request.status))
      .map((request) => request.requestId);
  }

  async #cluster(clusterName: string, signal: AbortSignal) {
    return this.#retry(signal, () => this.#control.cluster(clusterName, signal));
  }

  async #retry<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return retryPassing({ clock: this.#clock, forMs: WATCH_RETRY_MS, signal }, call);
  }
}

function action(level: 'info' | 'warn', message: string): Observation {
  return { kind: 'action', level, message };
}
