import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import type { SkypilotApiClient } from './api-client.js';
import { mergeAsync } from './async-merge.js';
import type { SkypilotCheckpoint } from './checkpoint.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { FollowedRequest, SkypilotLaunchEnd } from './launcher.js';
import { hasEnded } from './request-record.js';
import { retryPassing, WATCH_RETRY_MS } from './retry.js';
import type { FollowedItem } from './stream-follower.js';
import { SkypilotStreamFollower } from './stream-follower.js';

/** Each question is a request on the server, and the spinner reports most events sooner. */
const EVENTS_POLL_MS = 10_000;

/** The launch request as the API server streams it. */
export class SkypilotApiLaunch {
  readonly #client: SkypilotApiClient;
  readonly #clock: Clock;
  readonly #request: FollowedRequest;

  constructor(client: SkypilotApiClient, clock: Clock, request: FollowedRequest) {
    this.#client = client;
    this.#clock = clock;
    this.#request = request;
  }

  /** Reports what the request prints until it ends, and returns how it ended. */
  async *follow(signal: AbortSignal): AsyncGenerator<Observation, SkypilotLaunchEnd> {
    const ended = new AbortController();
    try {
      yield* mergeAsync(
        [(stop) => this.#output(stop, ended), (stop) => this.#events(AbortSignal.any([stop, ended.signal]))],
        signal,
      );
      // The end of the stream does not tell success from failure: the record does.
      const retry = { clock: this.#clock, forMs: WATCH_RETRY_MS, signal };
      return await retryPassing(retry, () => this.#client.outcome(this.#request.requestId, signal));
    } catch (error) {
      if (error instanceof SkypilotError && error.kind === 'not_found') return { kind: 'forgotten' };
      throw error;
    }
  }

  async *#output(signal: AbortSignal, ended: AbortController): AsyncGenerator<Observation> {
    const { requestId, checkpoint } = this.#request;
    const follower = new SkypilotStreamFollower(
      {
        open: (stop) => this.#client.stream(requestId, stop),
        isOver: async (stop) => {
          const record = await this.#client.request(requestId, stop);
          if (record === undefined)
            throw new SkypilotError('not_found', `SkyPilot has forgotten the launch request ${requestId}`);
          return hasEnded(record.status);
        },
        skipLines: checkpoint.linesOf('launch'),
      },
      this.#clock,
    );
    for await (const item of follower.items(signal)) {
      yield observationOf(item, checkpoint);
    }
    ended.abort();
  }

  /** Ends with the signal, and at once when the server is too old for these events. */
  async *#events(signal: AbortSignal): AsyncGenerator<Observation> {
    let reported = 0;
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(EVENTS_POLL_MS, signal);
        const events = await this.#client.clusterEvents(this.#request.clusterName, signal);
        for (const text of events.slice(reported)) yield { kind: 'cluster_event', text };
        reported = Math.max(reported, events.length);
      } catch (error) {
        if (signal.aborted) return;
        // The server refuses the question before there is a cluster and after the cluster has failed.
        if (error instanceof SkypilotRequestError) continue;
        if (error instanceof SkypilotError && error.passing) continue;
        // The events are an extra: the output has everything.
        return;
      }
    }
  }
}

function observationOf(item: FollowedItem, checkpoint: SkypilotCheckpoint): Observation {
  switch (item.kind) {
    case 'line':
      return {
        kind: 'line',
        stream: 'launch',
        text: item.text,
        checkpoint: checkpoint.advance('launch', item.count),
      };
    case 'spinner':
      return { kind: 'spinner', text: item.text };
    case 'cut':
      return {
        kind: 'action',
        level: 'debug',
        message: `SkyPilot's output was cut (${item.message}); reconnecting`,
      };
    case 'incomplete':
      return { kind: 'action', level: 'warn', message: item.message };
  }
}
