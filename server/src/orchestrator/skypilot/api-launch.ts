import type { Clock } from '../../clock.js';
import type { Observation } from '../orchestrator.js';
import { LineSplitter } from '../output/line-splitter.js';
import type { SkypilotApiClient } from './api-client.js';
import { mergeAsync } from './async-merge.js';
import type { SkypilotCheckpoint } from './checkpoint.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { FollowedRequest, SkypilotLaunchEnd } from '../access/skypilot-access.js';
import { hasEnded } from './request-record.js';
import { retryPassing, WATCH_RETRY_MS } from './retry.js';
import type { FollowedItem } from './stream-follower.js';
import { SkypilotStreamFollower } from './stream-follower.js';

/** Not more often: each poll is a request on the server, and the spinner reports most events sooner. */
const EVENTS_POLL_MS = 10_000;

/** No launch takes longer than a day. */
const LAUNCH_MAX_MS = 86_400_000;
const MACHINE_UP = /(?:Instances?|Pods?) (?:is|are) up|^Preparing SkyPilot runtime/;

/** `up` is aborted when the machine is up, `ended` when the launch has ended. */
interface LaunchMilestones {
  readonly up: AbortController;
  readonly ended: AbortController;
}

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
    const milestones = { up: new AbortController(), ended: new AbortController() };
    const untilEnd = (stop: AbortSignal) => AbortSignal.any([stop, milestones.ended.signal]);
    try {
      yield* mergeAsync(
        [
          (stop) => this.#output(stop, milestones),
          (stop) => this.#events(untilEnd(stop)),
          (stop) => this.#provisioning(milestones.up.signal, untilEnd(stop)),
        ],
        signal,
      );
      // The stream ends the same way after success and failure: the record shows which it was.
      const retry = { clock: this.#clock, forMs: WATCH_RETRY_MS, signal };
      return await retryPassing(retry, () => this.#client.outcome(this.#request.requestId, signal));
    } catch (error) {
      if (error instanceof SkypilotError && error.kind === 'not_found') return { kind: 'forgotten' };
      throw error;
    }
  }

  async *#output(signal: AbortSignal, { up, ended }: LaunchMilestones): AsyncGenerator<Observation> {
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
      if ('text' in item && MACHINE_UP.test(item.text)) up.abort();
      yield observationOf(item, checkpoint);
    }
    ended.abort();
  }

  /**
   * SkyPilot's log of the provisioning, which fills a silence of one or two minutes while the machine is prepared. An extra:
   * any problem ends it. After a takeover it begins with new lines, because it is unknown which earlier ones were logged.
   */
  async *#provisioning(up: AbortSignal, signal: AbortSignal): AsyncGenerator<Observation> {
    const resumed = this.#request.checkpoint.linesOf('launch') > 0;
    await this.#clock.sleep(LAUNCH_MAX_MS, AbortSignal.any([up, signal])).catch(() => undefined);
    if (signal.aborted) return;
    const cluster = { name: this.#request.clusterName, tail: resumed ? 1 : 0 };
    const splitter = new LineSplitter();
    let skip = cluster.tail;
    try {
      const { bytes } = await this.#client.provisionLog(cluster, signal);
      for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
        for (const text of splitter.push(chunk)) {
          if (skip > 0) skip -= 1;
          else yield { kind: 'provision_line', text };
        }
      }
    } catch {
      // Old servers do not have this log, and no server has it before a machine was ordered.
    }
  }

  /** SkyPilot's events of the cluster. Ends with the signal, and at once if the server is too old for them. */
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
