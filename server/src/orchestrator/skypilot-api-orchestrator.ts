import type { FailureReason } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { LaunchSpec, Observation, Orchestrator } from './orchestrator.js';
import { SkypilotApiClient, SkypilotRequestError } from './skypilot/api-client.js';
import type { SkypilotApiAddress } from './skypilot/api-connection.js';
import { SkypilotApiError } from './skypilot/api-error.js';
import { SkypilotApiJob } from './skypilot/api-job.js';
import { SkypilotCheckpoint } from './skypilot/checkpoint.js';
import type { SkypilotHandle } from './skypilot/handle.js';
import { formatHandle, parseHandle } from './skypilot/handle.js';
import { SkypilotJobWatch } from './skypilot/job-watch.js';
import { launchFailureOf } from './skypilot/launch-failure.js';
import { SkypilotLaunchWatch } from './skypilot/launch-watch.js';
import { patiently, SUBMIT_PATIENCE_MS, WATCH_PATIENCE_MS } from './skypilot/patience.js';
import type { SkypilotOutcome } from './skypilot/request-record.js';
import { ShellWordsError } from './skypilot/shell-words.js';
import type { Submission } from './skypilot/submission.js';
import { SkypilotSubmission } from './skypilot/submission.js';
import { skypilotTask } from './skypilot/task.js';
import { SkypilotTeardown } from './skypilot/teardown.js';

export interface SkypilotApiOptions {
  readonly address: SkypilotApiAddress;
  readonly clock: Clock;
  /** When the requested region has no capacity the provider's other regions are tried. */
  readonly otherRegions: boolean;
}

/**
 * Launches by a SkyPilot API server. All that is known of a launch is there and in the handle, so another process can
 * go on with it: it reads the streams from their beginning and skips what the checkpoint says was logged.
 */
export class SkypilotApiOrchestrator implements Orchestrator {
  readonly kind = 'skypilot-api';
  readonly #client: SkypilotApiClient;
  readonly #options: SkypilotApiOptions;

  constructor(options: SkypilotApiOptions) {
    this.#options = options;
    this.#client = new SkypilotApiClient(options.address, options.clock);
  }

  async *launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    try {
      yield* this.#launch(spec, signal);
    } catch (error) {
      if (signal.aborted) return;
      yield failureOf(error);
    }
  }

  async *tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    yield* new SkypilotTeardown(this.#client, this.#options.clock).run(spec.clusterName, signal);
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async *#launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const checkpoint = new SkypilotCheckpoint(spec.checkpoint);
    let handle = parseHandle(spec.handle);
    if (handle === undefined) handle = yield* this.#begin(spec, signal);
    else
      yield action('debug', `Going on with SkyPilot's launch request ${handle.requestId ?? '(forgotten)'}`);
    if (handle === undefined) return;
    if (handle.jobId === undefined) {
      const jobId = yield* this.#awaitLaunch({ spec, checkpoint }, handle.requestId ?? '', signal);
      if (jobId === undefined) return;
      handle = { ...handle, jobId };
      yield { kind: 'handle', handle: formatHandle(handle) };
    }
    yield* this.#watchJob({ spec, checkpoint }, handle.jobId ?? null, signal);
  }

  /** Undefined: the launch has failed, and that was reported. */
  async *#begin(
    spec: LaunchSpec,
    signal: AbortSignal,
  ): AsyncGenerator<Observation, SkypilotHandle | undefined> {
    const { clock } = this.#options;
    const task = skypilotTask(spec, { otherRegions: this.#options.otherRegions, secrets: 'included' });
    const health = await patiently({ clock, forMs: SUBMIT_PATIENCE_MS, signal }, () =>
      this.#client.health(signal),
    );
    yield action('info', `Task made; handing it to SkyPilot ${health.version} at ${this.#client.address}`);
    const launch = { clusterName: spec.clusterName, task };
    const submission = await new SkypilotSubmission(this.#client, clock, launch).submit(signal);
    if (submission.kind === 'lost') {
      yield failed(
        'interrupted',
        'SkyPilot has lost the launch: its server was restarted while the cluster was made',
      );
      return undefined;
    }
    const handle = handleOf(submission);
    yield { kind: 'handle', handle: formatHandle(handle) };
    if (submission.kind !== 'submitted')
      yield action('info', 'SkyPilot had the launch already; going on with it');
    yield { kind: 'submitted', ...(handle.requestId !== undefined && { requestId: handle.requestId }) };
    return handle;
  }

  /** Resolves to the job's id. Undefined: the launch has failed, and that was reported. */
  async *#awaitLaunch(
    { spec, checkpoint }: Watched,
    requestId: string,
    signal: AbortSignal,
  ): AsyncGenerator<Observation, number | null | undefined> {
    const watched = {
      clusterName: spec.clusterName,
      requestId,
      checkpoint,
    };
    const watch = new SkypilotLaunchWatch(this.#client, this.#options.clock, watched);
    let outcome: SkypilotOutcome;
    try {
      outcome = yield* watch.run(signal);
    } catch (error) {
      if (!(error instanceof SkypilotApiError) || error.kind !== 'not_found') throw error;
      return yield* this.#afterForgetting(spec, signal);
    }
    switch (outcome.kind) {
      case 'succeeded':
        return jobIdOf(outcome.value);
      case 'cancelled':
        yield failed('cancelled', 'The launch was cancelled at SkyPilot');
        return undefined;
      case 'failed': {
        const failure = launchFailureOf(outcome.error);
        for (const line of failure.rest) yield action('warn', line);
        yield failed(failure.reason, failure.message);
        return undefined;
      }
    }
  }

  /** A server that is restarted forgets its requests; the clusters it made stay. */
  async *#afterForgetting(
    spec: LaunchSpec,
    signal: AbortSignal,
  ): AsyncGenerator<Observation, number | null | undefined> {
    const cluster = await patiently({ clock: this.#options.clock, forMs: WATCH_PATIENCE_MS, signal }, () =>
      this.#client.cluster(spec.clusterName, signal),
    );
    if (cluster?.status === 'UP') {
      yield action(
        'warn',
        'SkyPilot has forgotten the launch request (its server was restarted); its cluster is up',
      );
      return null;
    }
    const state = cluster === undefined ? 'there is no cluster' : `the cluster is ${cluster.status}`;
    yield failed(
      'interrupted',
      `SkyPilot has forgotten the launch request (its server was restarted) and ${state}`,
    );
    return undefined;
  }

  async *#watchJob(
    { spec, checkpoint }: Watched,
    jobId: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<Observation> {
    const job = { clusterName: spec.clusterName, jobId, checkpoint };
    const access = new SkypilotApiJob(this.#client, this.#options.clock, job);
    yield* new SkypilotJobWatch(access, spec.request, this.#options.clock).run(signal);
  }
}

interface Watched {
  readonly spec: LaunchSpec;
  readonly checkpoint: SkypilotCheckpoint;
}

function handleOf(submission: Exclude<Submission, { kind: 'lost' }>): SkypilotHandle {
  return submission.kind === 'found_cluster' ? { jobId: null } : { requestId: submission.requestId };
}

function jobIdOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('job_id' in value)) return null;
  return typeof value.job_id === 'number' ? value.job_id : null;
}

function failureOf(error: unknown): Observation {
  if (error instanceof ShellWordsError) return failed('unknown', `vllm_args ${error.message}`);
  if (error instanceof SkypilotRequestError) {
    const { reason, message } = launchFailureOf(error);
    return failed(reason, message);
  }
  if (error instanceof SkypilotApiError) {
    return failed(error.kind === 'credentials' ? 'credentials' : 'unknown', error.message);
  }
  return failed('unknown', error instanceof Error ? error.message : String(error));
}

function action(level: 'debug' | 'info' | 'warn', message: string): Observation {
  return { kind: 'action', level, message };
}

function failed(reason: FailureReason, message: string): Observation {
  return { kind: 'failed', reason, message };
}
