import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import type { SkypilotApiClient } from './api-client.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import { jobEnd, jobHasEnded } from './job-end.js';
import type { SkypilotJobAccess } from './job-watch.js';
import type { FollowedJob } from '../access/skypilot-access.js';
import { retryPassing, WATCH_RETRY_MS } from './retry.js';
import { SkypilotStreamFollower } from './stream-follower.js';

/** The job as the API server streams it. */
export class SkypilotApiJob implements SkypilotJobAccess {
  readonly #client: SkypilotApiClient;
  readonly #clock: Clock;
  readonly #job: FollowedJob;

  constructor(client: SkypilotApiClient, clock: Clock, job: FollowedJob) {
    this.#client = client;
    this.#clock = clock;
    this.#job = job;
  }

  async *output(signal: AbortSignal): AsyncGenerator<Observation> {
    const { checkpoint } = this.#job;
    const follower = new SkypilotStreamFollower(
      {
        open: (stop) => this.#client.jobLog(this.#job, stop),
        isOver: async (stop) => jobHasEnded(await this.#client.jobStatus(this.#job, stop)),
        skipLines: checkpoint.linesOf('job'),
      },
      this.#clock,
    );
    for await (const item of follower.items(signal)) {
      if (item.kind === 'line') {
        const after = checkpoint.advance('job', item.count);
        yield { kind: 'line', stream: 'job', text: item.text, checkpoint: after };
      } else if (item.kind !== 'spinner') {
        const level = item.kind === 'cut' ? 'debug' : 'warn';
        yield { kind: 'action', level, message: `The job's log: ${item.message}` };
      }
    }
    yield jobEnd(await this.#retry(signal, () => this.#client.jobStatus(this.#job, signal)));
  }

  async endpoint(signal: AbortSignal): Promise<string | undefined> {
    const cluster = { name: this.#job.clusterName, port: this.#job.port };
    try {
      return await this.#client.endpoint(cluster, signal);
    } catch (error) {
      // The server answers "no endpoint is exposed yet" with an error; the caller asks again.
      if (error instanceof SkypilotRequestError) return undefined;
      if (error instanceof SkypilotError && error.passing) return undefined;
      throw error;
    }
  }

  async #retry<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return retryPassing({ clock: this.#clock, forMs: WATCH_RETRY_MS, signal }, call);
  }
}
