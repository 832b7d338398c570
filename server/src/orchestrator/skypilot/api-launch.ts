import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import type { SkypilotApiClient } from './api-client.js';
import { SkypilotRequestError } from './api-client.js';
import { SkypilotApiError } from './api-error.js';
import { mergeAsync } from './async-merge.js';
import type { SkypilotCheckpoint } from './checkpoint.js';
import { patiently, WATCH_PATIENCE_MS } from './patience.js';
import type { SkypilotOutcome } from './request-record.js';
import { hasEnded } from './request-record.js';
import type { FollowedItem } from './stream-follower.js';
import { SkypilotStreamFollower } from './stream-follower.js';

/** Each question is a request on the server; the spinner tells most of it sooner. */
const EVENTS_POLL_MS = 10_000;

export interface WatchedLaunch {
  readonly clusterName: string;
  readonly requestId: string;
  readonly checkpoint: SkypilotCheckpoint;
}

/** Reports what a launch request prints until it ends, and then how it ended. */
export class SkypilotLaunchWatch {
  readonly #client: SkypilotApiClient;
  readonly #clock: Clock;
  readonly #launch: WatchedLaunch;

  constructor(client: SkypilotApiClient, clock: Clock, launch: WatchedLaunch) {
    this.#client = client;
    this.#clock = clock;
    this.#launch = launch;
  }

  async *run(signal: AbortSignal): AsyncGenerator<Observation, SkypilotOutcome> {
    const ended = new AbortController();
    yield* mergeAsync(
      [(stop) => this.#output(stop, ended), (stop) => this.#events(AbortSignal.any([stop, ended.signal]))],
      signal,
    );
    // The stream's end says nothing of the outcome: the record does.
    return patiently(this.#patience(signal), () => this.#client.outcome(this.#launch.requestId, signal));
  }

  async *#output(signal: AbortSignal, ended: AbortController): AsyncGenerator<Observation> {
    const { requestId, checkpoint } = this.#launch;
    const follower = new SkypilotStreamFollower(
      {
        open: (stop) => this.#client.stream(requestId, stop),
        isOver: async (stop) => {
          const record = await this.#client.request(requestId, stop);
          if (record === undefined)
            throw new SkypilotApiError('not_found', `SkyPilot has forgotten the launch request ${requestId}`);
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

  /** Ends with the signal, and at once where the server is too old for it. */
  async *#events(signal: AbortSignal): AsyncGenerator<Observation> {
    let reported = 0;
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(EVENTS_POLL_MS, signal);
        const events = await this.#client.clusterEvents(this.#launch.clusterName, signal);
        for (const text of events.slice(reported)) yield { kind: 'cluster_event', text };
        reported = Math.max(reported, events.length);
      } catch (error) {
        if (signal.aborted) return;
        // Before there is a cluster and after it has failed the server refuses the question.
        if (error instanceof SkypilotRequestError) continue;
        if (error instanceof SkypilotApiError && error.passing) continue;
        // It is an addition: the output has it all.
        return;
      }
    }
  }

  #patience(signal: AbortSignal) {
    return { clock: this.#clock, forMs: WATCH_PATIENCE_MS, signal };
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
        message: `SkyPilot's output was cut (${item.message}); reading on`,
      };
    case 'incomplete':
      return { kind: 'action', level: 'warn', message: item.message };
  }
}
