import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import type { SkypilotCliClient } from './cli-client.js';
import type { SkyEnd } from './cli-process.js';
import { skyFailureOf } from './cli-process.js';
import type { SkypilotCliStream } from './cli-stream.js';
import type { FollowedRequest, SkypilotLaunchEnd } from '../access/skypilot-access.js';
import type { SkypilotRequestStatus } from './request-record.js';
import { hasEnded } from './request-record.js';
import { retryPassing, WATCH_RETRY_MS } from './retry.js';

interface SkypilotCliLaunchOptions {
  readonly client: SkypilotCliClient;
  readonly stream: SkypilotCliStream;
  readonly clock: Clock;
}

/** The launch request as `sky api logs` prints it. */
export class SkypilotCliLaunch {
  readonly #options: SkypilotCliLaunchOptions;
  readonly #request: FollowedRequest;

  constructor(options: SkypilotCliLaunchOptions, request: FollowedRequest) {
    this.#options = options;
    this.#request = request;
  }

  /** Reports what the request prints until it ends, and returns how it ended. */
  async *follow(signal: AbortSignal): AsyncGenerator<Observation, SkypilotLaunchEnd> {
    const { requestId, checkpoint } = this.#request;
    const followed = {
      arguments: ['api', 'logs', requestId],
      skipLines: checkpoint.linesOf('launch'),
      isOver: async () => hasEnded((await this.#status(signal)) ?? 'CANCELLED'),
    };
    const lines = this.#options.stream.lines(followed, signal);
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return endOf(await this.#status(signal), value);
      const after = checkpoint.advance('launch', value.count);
      yield { kind: 'line', stream: 'launch', text: value.text, checkpoint: after };
    }
  }

  /** Undefined when SkyPilot does not know the request. */
  async #status(signal: AbortSignal): Promise<SkypilotRequestStatus | undefined> {
    const { clusterName, requestId } = this.#request;
    const { client, clock } = this.#options;
    const requests = await retryPassing({ clock, forMs: WATCH_RETRY_MS, signal }, () =>
      client.requestsOfCluster(clusterName, signal),
    );
    return requests.find((one) => one.requestId === requestId)?.status;
  }
}

/** How the launch ended. A request that still runs counts as failed: `SkypilotCliStream` gave up following it. */
function endOf(status: SkypilotRequestStatus | undefined, end: SkyEnd): SkypilotLaunchEnd {
  switch (status) {
    case 'SUCCEEDED':
      // `sky` does not print the job's id.
      return { kind: 'succeeded', value: null };
    case 'CANCELLED':
      return { kind: 'cancelled' };
    case undefined:
      return { kind: 'forgotten' };
    case 'PENDING':
    case 'WAITING':
    case 'RUNNING':
    case 'FAILED':
      return { kind: 'failed', error: skyFailureOf(end) };
  }
}
