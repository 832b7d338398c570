import type { FailureReason } from '@launchlog/shared/node';
import type { LaunchSpec, Observation, Orchestrator } from './orchestrator.js';
import { SkypilotApiError } from './skypilot/api-error.js';
import { SkypilotCheckpoint } from './skypilot/checkpoint.js';
import { SkypilotCliClient } from './skypilot/cli-client.js';
import { SkypilotCliJob } from './skypilot/cli-job.js';
import type { SkypilotCliOptions, SkyEnd } from './skypilot/cli-process.js';
import { SkyCommandError, SkypilotCliProcess } from './skypilot/cli-process.js';
import { SkypilotCliStream } from './skypilot/cli-stream.js';
import type { SkypilotHandle } from './skypilot/handle.js';
import { formatHandle, parseHandle } from './skypilot/handle.js';
import { SkypilotJobWatch } from './skypilot/job-watch.js';
import { launchFailureOf } from './skypilot/launch-failure.js';
import { patiently, WATCH_PATIENCE_MS } from './skypilot/patience.js';
import type { SkypilotFailure } from './skypilot/request-record.js';
import { hasEnded } from './skypilot/request-record.js';
import { ShellWordsError } from './skypilot/shell-words.js';
import { SkypilotSubmission } from './skypilot/submission.js';
import { skypilotTask } from './skypilot/task.js';
import { SkypilotTeardown } from './skypilot/teardown.js';

export interface SkypilotCliOrchestratorOptions extends SkypilotCliOptions {
  /** When the requested region has no capacity the provider's other regions are tried. */
  readonly otherRegions: boolean;
}

/**
 * Launches by the program `sky`, itself a client of an API server (it starts a local one where none is configured). The
 * launch is a request there, so that it outlives both `sky` and this process and can be gone on with.
 */
export class SkypilotCliOrchestrator implements Orchestrator {
  readonly kind = 'skypilot-cli';
  readonly #options: SkypilotCliOrchestratorOptions;
  readonly #sky: SkypilotCliProcess;
  readonly #stream: SkypilotCliStream;
  readonly #closed = new AbortController();

  constructor(options: SkypilotCliOrchestratorOptions) {
    this.#options = options;
    this.#sky = new SkypilotCliProcess(options);
    this.#stream = new SkypilotCliStream(this.#sky, options.clock);
  }

  async *launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const whole = AbortSignal.any([signal, this.#closed.signal]);
    try {
      yield* this.#launch(spec, whole);
    } catch (error) {
      if (whole.aborted) return;
      yield failureOf(error);
    }
  }

  async *tearDown(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const whole = AbortSignal.any([signal, this.#closed.signal]);
    const client = new SkypilotCliClient(this.#sky, {});
    yield* new SkypilotTeardown(client, this.#options.clock).run(spec.clusterName, whole);
  }

  close(): Promise<void> {
    this.#closed.abort(new Error('the orchestrator was closed'));
    return Promise.resolve();
  }

  async *#launch(spec: LaunchSpec, signal: AbortSignal): AsyncGenerator<Observation> {
    const client = new SkypilotCliClient(this.#sky, spec.secrets);
    const checkpoint = new SkypilotCheckpoint(spec.checkpoint);
    let handle = parseHandle(spec.handle);
    if (handle === undefined) handle = yield* this.#begin(spec, client, signal);
    if (handle === undefined) return;
    if (handle.jobId === undefined) {
      const launched = yield* this.#follow({ spec, client, checkpoint }, handle.requestId ?? '', signal);
      if (!launched) return;
      handle = { ...handle, jobId: null };
      yield { kind: 'handle', handle: formatHandle(handle) };
    }
    const job = { clusterName: spec.clusterName, client, stream: this.#stream, checkpoint };
    yield* new SkypilotJobWatch(new SkypilotCliJob(job), spec.request, this.#options.clock).run(signal);
  }

  /** Undefined: the launch has failed, and that was reported. */
  async *#begin(
    spec: LaunchSpec,
    client: SkypilotCliClient,
    signal: AbortSignal,
  ): AsyncGenerator<Observation, SkypilotHandle | undefined> {
    refuseDangerousNames(spec.secrets);
    const task = skypilotTask(spec, { otherRegions: this.#options.otherRegions, secrets: 'withheld' });
    yield action('info', `Task made; handing it to SkyPilot by ${this.#options.executable}`);
    const launch = { clusterName: spec.clusterName, task };
    const submission = await new SkypilotSubmission(client, this.#options.clock, launch).submit(signal);
    if (submission.kind === 'lost') {
      yield failed(
        'interrupted',
        'SkyPilot has lost the launch: its server was restarted while the cluster was made',
      );
      return undefined;
    }
    const handle =
      submission.kind === 'found_cluster' ? { jobId: null } : { requestId: submission.requestId };
    yield { kind: 'handle', handle: formatHandle(handle) };
    if (submission.kind !== 'submitted')
      yield action('info', 'SkyPilot had the launch already; going on with it');
    yield { kind: 'submitted', ...('requestId' in handle && { requestId: handle.requestId }) };
    return handle;
  }

  /** Resolves to whether the launch has succeeded; if not, that was reported. */
  async *#follow(
    { spec, client, checkpoint }: Followed,
    requestId: string,
    signal: AbortSignal,
  ): AsyncGenerator<Observation, boolean> {
    const statusOf = () =>
      patiently({ clock: this.#options.clock, forMs: WATCH_PATIENCE_MS, signal }, async () =>
        (await client.requestsOfCluster(spec.clusterName, signal)).find((one) => one.requestId === requestId),
      );
    const followed = {
      arguments: ['api', 'logs', requestId],
      skipLines: checkpoint.linesOf('launch'),
      isOver: async () => hasEnded((await statusOf())?.status ?? 'CANCELLED'),
    };
    const lines = this.#stream.lines(followed, signal);
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return yield* this.#outcome(value, (await statusOf())?.status);
      const after = checkpoint.advance('launch', value.count);
      yield { kind: 'line', stream: 'launch', text: value.text, checkpoint: after };
    }
  }

  *#outcome(end: SkyEnd, status: string | undefined): Generator<Observation, boolean> {
    if (status === 'SUCCEEDED') return true;
    if (status === 'CANCELLED') {
      yield failed('cancelled', 'The launch was cancelled at SkyPilot');
    } else if (status === undefined) {
      yield failed('interrupted', 'SkyPilot has forgotten the launch request (its server was restarted)');
    } else {
      const failure = launchFailureOf(pythonErrorOf(end));
      for (const line of failure.rest) yield action('warn', line);
      yield failed(failure.reason, failure.message);
    }
    return false;
  }
}

interface Followed {
  readonly spec: LaunchSpec;
  readonly client: SkypilotCliClient;
  readonly checkpoint: SkypilotCheckpoint;
}

/** The last words of `sky`: `sky.exceptions.NoCloudAccessError: Cloud access is not set up.` and what follows it. */
function pythonErrorOf(end: SkyEnd): SkypilotFailure {
  const from = end.errorLines.findLastIndex((line) => PYTHON_ERROR.test(line));
  const [, type = 'SkyCommandError', first] = PYTHON_ERROR.exec(end.errorLines[from] ?? '') ?? [];
  if (first !== undefined) return { type, message: [first, ...end.errorLines.slice(from + 1)].join('\n') };
  const how = end.signalName === undefined ? `exit code ${end.exitCode}` : `signal ${end.signalName}`;
  return { type, message: [`sky ended with ${how}`, ...end.errorLines].join('\n') };
}

const PYTHON_ERROR = /^(?:[a-z_]+\.)*([A-Z][A-Za-z]*(?:Error|Exception|Credentials)): (.*)$/;

/** Secrets reach `sky` by its environment: one of these names would change what `sky` does on this machine. */
const DANGEROUS = /^(PATH|HOME|SHELL|IFS|BASH_ENV|ENV|TMPDIR|LD_.*|PYTHON.*|SKYPILOT_.*|SSL_.*|.*_PROXY)$/;

function refuseDangerousNames(secrets: LaunchSpec['secrets']): void {
  const name = Object.keys(secrets).find((one) => DANGEROUS.test(one));
  if (name !== undefined) {
    throw new SkypilotApiError(
      'refused',
      `a secret named ${name} cannot be given to the command line of SkyPilot`,
    );
  }
}

function failureOf(error: unknown): Observation {
  if (error instanceof ShellWordsError) return failed('unknown', `vllm_args ${error.message}`);
  if (error instanceof SkyCommandError) {
    const { reason, message } = launchFailureOf(pythonErrorOf(error.end));
    return failed(reason, message);
  }
  return failed('unknown', error instanceof Error ? error.message : String(error));
}

function action(level: 'debug' | 'info' | 'warn', message: string): Observation {
  return { kind: 'action', level, message };
}

function failed(reason: FailureReason, message: string): Observation {
  return { kind: 'failed', reason, message };
}
