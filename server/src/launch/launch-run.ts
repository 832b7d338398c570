import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { NodeLogWriter } from '../log/node-log-writer.js';
import type { ClaimedJob } from '../node/lease-store.js';
import { workOf } from '../node/work/launch-work.js';
import type { LaunchSpec } from '../orchestrator/orchestrator.js';
import { LogRedactor } from '../redaction/redactor.js';
import { Forecast } from './forecast.js';
import { LaunchEnding } from './launch-ending.js';
import { LaunchLog } from './launch-log.js';
import { LaunchRow } from './launch-row.js';
import { LaunchWatch } from './launch-watch.js';
import type { Failure, Launch } from './launch.js';
import { RunControl } from './run-control.js';
import { contextOfNode, type RunnerContext } from './runner-context.js';
import { launchOf } from './stored-launch.js';
import { WorkRecorder } from './work/work-recorder.js';

/**
 * The result of one server's work: `ended`; `abandoned`, for the next owner; or `broken` by an error of ours. After
 * `broken` the lease is left to expire, so that it counts as a lost owner.
 */
type RunResult = 'ended' | 'abandoned' | 'broken';

/**
 * One server's part in one launch: from the claim of the row to the end of the launch, or until another server takes
 * over or this one stops. It continues from the handle in the row and the checkpoint in the log.
 */
export class LaunchRun {
  readonly job: ClaimedJob;
  readonly #context: RunnerContext;
  readonly #control = new RunControl();
  readonly #row: LaunchRow;
  readonly #work: WorkRecorder;

  constructor(context: RunnerContext, job: ClaimedJob) {
    this.#context = contextOfNode(context, job.lease.nodeId);
    const { clock, leases, onProblem } = this.#context;
    this.job = job;
    this.#work = new WorkRecorder(clock, workOf(job.record.memory.work));
    this.#row = new LaunchRow({
      leases,
      lease: job.lease,
      clock,
      signal: this.#control.abandoned,
      work: () => this.#work.work,
      onLost: () => this.abandon(),
      onProblem,
    });
  }

  /** Stops work and leaves the launch as it is: this server stops, or another one owns the launch. */
  abandon(): void {
    this.#control.abandon();
  }

  cancel(): void {
    this.#control.fail({ reason: 'cancelled', message: 'The launch was cancelled.' });
  }

  /** Never rejects. */
  async run(): Promise<RunResult> {
    try {
      await this.#run();
      return 'ended';
    } catch (error) {
      if (this.#control.abandoned.aborted) return 'abandoned';
      this.#context.onProblem(`the work on node ${this.job.lease.nodeId} failed`, error);
      return 'broken';
    } finally {
      // Nothing may keep running, however the work ended.
      this.#control.abandon();
    }
  }

  async #run(): Promise<void> {
    const { logs, clock, limits } = this.#context;
    const { nodeId, attempt } = this.job.lease;
    const signal = this.#control.abandoned;
    // In the first attempt the log holds nothing that this owner needs.
    const claimWithinMs = attempt === 1 ? limits.logWithinMs : undefined;
    const writer = await NodeLogWriter.claim({ store: logs, clock, nodeId, attempt, signal, claimWithinMs });
    writer.stopped.addEventListener('abort', () => this.abandon(), { once: true });
    const ending = new LaunchEnding(this.#context, { job: this.job, writer, row: this.#row, signal });
    try {
      const { terminal } = writer.claimed;
      const stored = launchOf(this.job.record, await this.#lastEntry(writer));
      if (terminal === undefined) await this.#drive(stored, writer, ending);
      else await ending.adopt(stored, terminal);
    } finally {
      await ending.closeLog();
    }
  }

  async #drive(stored: Launch, writer: NodeLogWriter, ending: LaunchEnding): Promise<void> {
    const { record } = this.job;
    const { secrets, unreadable } = this.#openSecrets();
    const redactor = new LogRedactor(Object.values(secrets));
    const log = new LaunchLog(writer, redactor);
    if (writer.claimed.lastSeq === 0) log.introduce(stored, { ...record.node, request: record.request });
    const spec: LaunchSpec = {
      nodeId: record.node.id,
      clusterName: record.node.clusterName,
      request: record.request,
      secrets,
      installation: this.#context.installation,
      fresh: this.job.lease.attempt === 1,
      handle: record.handle,
      checkpoint: writer.claimed.checkpoint,
      calls: this.#work,
    };
    const decided = this.#decidedFailure() ?? unreadable;
    if (decided !== undefined) return ending.fail({ launch: stored, log, redactor }, decided, spec);
    const forecast = await this.#forecast();
    const { job } = this;
    const parts = {
      job,
      spec,
      row: this.#row,
      log,
      redactor,
      forecast,
      control: this.#control,
      work: this.#work,
    };
    const watch = new LaunchWatch(this.#context, parts, stored);
    const outcome = await watch.watch();
    const last = { launch: watch.launch, log, redactor };
    const key = secrets[ENDPOINT_KEY];
    if (outcome.kind === 'serving') await ending.serve(last, outcome.endpoint, key);
    else await ending.fail(last, outcome.failure, spec);
  }

  /** The failure that is already decided, if any, so that nothing else is tried. */
  #decidedFailure(): Failure | undefined {
    const { node, takeovers, cancelRequested } = this.job.record;
    if (node.failureReason !== undefined) {
      const { failureReason: reason, failureMessage: message = 'The launch failed.', hint } = node;
      return { reason, message, hint };
    }
    if (cancelRequested) this.cancel();
    if (this.#control.failure !== undefined) return this.#control.failure;
    if (takeovers <= this.#context.limits.maxTakeovers) return undefined;
    const message = `The launch was given up: ${takeovers} servers vanished while they worked on it.`;
    return { reason: 'interrupted', message };
  }

  #openSecrets(): { secrets: Record<string, string>; unreadable: Failure | undefined } {
    const { sealedSecrets, lease } = this.job;
    if (sealedSecrets === undefined) return { secrets: {}, unreadable: undefined };
    try {
      return { secrets: this.#context.secretBox.open(lease.nodeId, sealedSecrets), unreadable: undefined };
    } catch (error) {
      this.#context.onProblem(`the secrets of node ${lease.nodeId} cannot be opened`, error);
      const message = 'The secrets of the launch cannot be opened with the key of this server.';
      return { secrets: {}, unreadable: { reason: 'credentials', message } };
    }
  }

  /** Undefined also if it cannot be read: the row alone then shows how far the launch came. */
  async #lastEntry(writer: NodeLogWriter): Promise<LogEntry | undefined> {
    if (writer.claimed.lastSeq === 0) return undefined;
    try {
      const slice = await this.#context.logs.read(this.job.lease.nodeId, { from: { tail: 1 }, limit: 1 });
      const line = slice.lines.at(-1);
      return line === undefined ? undefined : logEntrySchema.parse(JSON.parse(line));
    } catch (error) {
      this.#context.onProblem('the last entry of a launch cannot be read', error);
      return undefined;
    }
  }

  /** An empty forecast if past launches cannot be read: the launch does not wait for them. */
  async #forecast(): Promise<Forecast> {
    const { nodes, limits, orchestrator, onProblem } = this.#context;
    const { provider, gpuType } = this.job.record.node;
    try {
      const past = await nodes.phaseStatistics({ provider, gpuType, orchestrator: orchestrator.kind });
      return new Forecast(past, limits.minSamples);
    } catch (error) {
      onProblem('past launches cannot be read: there is no forecast', error);
      return new Forecast([], limits.minSamples);
    }
  }
}
