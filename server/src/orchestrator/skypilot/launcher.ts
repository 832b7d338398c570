import type { FailureReason } from '@launchlog/shared/node';
import type { Clock } from '../../clock.js';
import type { PlainGet } from '../../outbound/outbound-http.js';
import { recordedAccess } from '../access/recorded-access.js';
import type { SkypilotAccess, SkypilotLaunchEnd } from '../access/skypilot-access.js';
import type { LaunchSpec, Observation } from '../orchestrator.js';
import { answerWithin } from '../../wait/answer-within.js';
import { Backoff } from '../../wait/backoff.js';
import { MachineLoss } from '../sight/machine-loss.js';
import { modelServerPort } from '../own-task/own-task.js';
import { TaskYamlError } from '../own-task/task-document.js';
import { SkypilotCheckpoint } from './checkpoint.js';
import { mayBeUp } from './control.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { SkypilotHandle } from './handle.js';
import { formatHandle, parseHandle } from './handle.js';
import { reportedByMachine } from './job-end.js';
import { SkypilotJobWatch } from './job-watch.js';
import { launchFailureOf } from './launch-failure.js';
import { retryPassing, WATCH_RETRY_MS } from './retry.js';
import { ShellWordsError } from './shell-words.js';
import { SkypilotSubmission } from './submission.js';
import { skypilotTask } from './task.js';
import { SkypilotTeardown } from './teardown.js';

interface SkypilotLauncherOptions {
  readonly clock: Clock;
  /** When the requested region has no capacity, try the provider's other regions. */
  readonly otherRegions: boolean;
  readonly access: (spec: LaunchSpec) => SkypilotAccess;
  /** For probes of model servers; without it they are called directly. */
  readonly get?: PlainGet | undefined;
}

/**
 * Runs launches at SkyPilot, over HTTP or through the program `sky`:
 *
 * ```
 * no handle ── submit ──▶ { requestId } ── request succeeded ──▶ { requestId, jobId } ── job serves ──▶ serving
 *                  └────── server forgot, cluster is up ───────▶ { jobId: null } ──────────┘
 * ```
 *
 * Each handle is reported before the next step begins, so another process can continue from it: it reads the streams
 * from their beginning and skips the lines that the checkpoint counts as logged.
 */
export class SkypilotLauncher {
  readonly #options: SkypilotLauncherOptions;
  readonly #closed = new AbortController();
  /** Names of clusters for which nothing was sent yet. */
  readonly #unsubmitted = new Set<string>();

  constructor(options: SkypilotLauncherOptions) {
    this.#options = options;
  }

  async *launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const { clock } = this.#options;
    const stopped = AbortSignal.any([signal, this.#closed.signal]);
    if (stopped.aborted) return;
    let hadJob = hasJob(spec.handle);
    for await (const seen of this.#untilFailure(spec, stopped)) {
      if (seen.kind === 'handle') hadJob ||= hasJob(seen.handle);
      if (seen.kind !== 'failed' || this.#unsubmitted.has(spec.clusterName) || reportedByMachine(seen)) {
        yield seen;
        continue;
      }
      const loss = new MachineLoss({ control: this.#access(spec).control, clock });
      yield* loss.explained(seen, { spec, hadJob }, stopped);
    }
  }

  async *tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const { clock } = this.#options;
    const stopped = AbortSignal.any([signal, this.#closed.signal]);
    if (this.#unsubmitted.delete(spec.clusterName)) {
      yield action('info', 'Nothing was submitted to SkyPilot, so there is nothing to remove');
      return;
    }
    yield* new SkypilotTeardown(this.#access(spec).control, clock).run(spec.clusterName, stopped);
  }

  close(): Promise<void> {
    this.#closed.abort(new Error('the orchestrator was closed'));
    return Promise.resolve();
  }

  #access(spec: LaunchSpec): SkypilotAccess {
    const access = this.#options.access(spec);
    return spec.calls === undefined ? access : recordedAccess(access, spec.calls);
  }

  /** Yields what happens, and a failure in place of an error. */
  async *#untilFailure(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    try {
      yield* this.#launch(spec, signal);
    } catch (error) {
      if (signal.aborted) return;
      yield failureOf(error);
    }
  }

  async *#launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const { clock, get } = this.#options;
    const { clusterName } = spec;
    const access = this.#access(spec);
    const checkpoint = new SkypilotCheckpoint(spec.checkpoint);
    const stored = parseHandle(spec.handle);
    if (stored !== undefined) yield action('debug', `Resuming SkyPilot's launch request ${nameOf(stored)}`);
    let handle = stored ?? (yield* this.#submit(spec, access, signal));
    if (handle === undefined) return;
    if (handle.jobId === undefined) {
      const request = { clusterName, requestId: handle.requestId ?? '', checkpoint };
      const end = yield* access.followLaunch(request, signal);
      const jobId = yield* this.#jobOf(end, { access, clusterName, signal });
      if (jobId === undefined) return;
      handle = { ...handle, jobId };
      yield { kind: 'handle', handle: formatHandle(handle) };
    }
    const port = modelServerPort(spec.request);
    const job = access.job({ clusterName, jobId: handle.jobId ?? null, port, checkpoint });
    yield* new SkypilotJobWatch({ job, spec, clock, get }).run(signal);
  }

  /** Submits the task and returns the handle of the launch. Undefined after it has reported that the launch failed. */
  async *#submit(
    spec: LaunchSpec,
    access: SkypilotAccess,
    signal: AbortSignal,
  ): AsyncGenerator<Observation, SkypilotHandle | undefined> {
    const { clock, otherRegions } = this.#options;
    // Another server may have submitted it before this one took the launch over.
    if (spec.fresh === true) this.#unsubmitted.add(spec.clusterName);
    const task = skypilotTask(spec, { otherRegions, secrets: access.taskSecrets });
    const skypilot = yield* this.#patiently(access.check(signal), signal);
    const refusal = yield* this.#patiently(
      access.refusal?.(spec, signal) ?? Promise.resolve(undefined),
      signal,
    );
    if (refusal !== undefined) {
      signal.throwIfAborted();
      yield failed('unknown', `SkyPilot refuses the task: ${refusal}`);
      return undefined;
    }
    yield action('info', `The task is ready; submitting it to ${skypilot}`);
    const launch = { clusterName: spec.clusterName, task };
    const submitting = new SkypilotSubmission(access.control, clock, launch);
    const attempted = () => void this.#unsubmitted.delete(spec.clusterName);
    const submission = yield* this.#patiently(submitting.submit(attempted, signal), signal);
    if (submission.kind === 'lost') {
      yield failed(
        'interrupted',
        'SkyPilot has lost the launch: its server was restarted while the cluster was being created',
      );
      return undefined;
    }
    const handle =
      submission.kind === 'found_cluster' ? { jobId: null } : { requestId: submission.requestId };
    yield { kind: 'handle', handle: formatHandle(handle) };
    if (submission.kind !== 'submitted')
      yield action('info', 'SkyPilot already has this launch; following it');
    yield { kind: 'submitted', ...('requestId' in handle && { requestId: handle.requestId }) };
    return handle;
  }

  /** Waits for the answer, and reports now and then that it waits: a busy server would look like a launch that hangs. */
  async *#patiently<T>(answer: Promise<T>, signal: AbortSignal): AsyncGenerator<Observation, T> {
    const { clock } = this.#options;
    const since = clock.monotonic();
    const pause = new Backoff(PATIENCE);
    // A reader that leaves while it waits must not leave an unhandled rejection behind.
    answer.catch(() => undefined);
    for (;;) {
      const limit = { clock, ms: pause.nextMs() };
      const answered = await answerWithin(
        limit,
        answer.then((value) => ({ value })),
        undefined,
      );
      if (answered !== undefined) return answered.value;
      if (signal.aborted) return answer;
      const seconds = Math.round((clock.monotonic() - since) / 1_000);
      yield action(
        'info',
        `SkyPilot's server has not answered for ${seconds} s: it is busy or away; still waiting`,
      );
    }
  }

  /** Returns the id of the job that a launch has started; undefined after it has reported that the launch failed. */
  async *#jobOf(
    end: SkypilotLaunchEnd,
    { access, clusterName, signal }: LaunchedCluster,
  ): AsyncGenerator<Observation, number | null | undefined> {
    switch (end.kind) {
      case 'succeeded':
        return jobIdOf(end.value);
      case 'forgotten': {
        const retry = { clock: this.#options.clock, forMs: WATCH_RETRY_MS, signal };
        const cluster = await retryPassing(retry, () => access.control.cluster(clusterName, signal));
        if (mayBeUp(cluster)) {
          yield action('warn', `${FORGOTTEN}; its cluster is up`);
          return null;
        }
        const state = cluster === undefined ? 'there is no cluster' : `the cluster is ${cluster.status}`;
        yield failed('interrupted', `${FORGOTTEN} and ${state}`);
        return undefined;
      }
      case 'cancelled':
        yield failed('cancelled', 'The launch was cancelled at SkyPilot');
        return undefined;
      case 'failed': {
        const { reason, message, hint, rest } = launchFailureOf(end.error);
        for (const line of rest) yield action('warn', line);
        yield { ...failed(reason, message), ...(hint !== undefined && { hint }) };
        return undefined;
      }
    }
  }
}

const PATIENCE = { firstMs: 15_000, maxMs: 120_000 };
const FORGOTTEN = 'SkyPilot has forgotten the launch request (its server was restarted)';

interface LaunchedCluster {
  readonly access: SkypilotAccess;
  readonly clusterName: string;
  readonly signal: AbortSignal;
}

function hasJob(handle: string | undefined): boolean {
  return parseHandle(handle)?.jobId !== undefined;
}

function nameOf(handle: SkypilotHandle): string {
  return handle.requestId ?? '(forgotten)';
}

function jobIdOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('job_id' in value)) return null;
  return typeof value.job_id === 'number' ? value.job_id : null;
}

function failureOf(error: unknown): Observation {
  if (error instanceof TaskYamlError) return failed('unknown', `task_yaml ${error.message}`);
  if (error instanceof ShellWordsError) return failed('unknown', `vllm_args ${error.message}`);
  if (error instanceof SkypilotRequestError) {
    const { reason, message, hint } = launchFailureOf(error.failure);
    return { ...failed(reason, message), ...(hint !== undefined && { hint }) };
  }
  if (error instanceof SkypilotError) {
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
