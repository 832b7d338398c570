import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { LogDetails, LogEntry } from '@launchlog/shared/log-entry';
import type { FailureReason } from '@launchlog/shared/node';
import { failureReasonSchema } from '@launchlog/shared/node';
import type { NodeLogWriter } from '../log/node-log-writer.js';
import { LogWriterStoppedError } from '../log/node-log-writer.js';
import type { ClaimedJob, NodeChanges } from '../node/lease-store.js';
import { Observer } from '../orchestrator/observer.js';
import type { LaunchSpec } from '../orchestrator/orchestrator.js';
import type { LogRedactor } from '../redaction/redactor.js';
import { Deadline } from '../wait/deadline.js';
import type { LaunchLog } from './launch-log.js';
import type { LaunchRow } from './launch-row.js';
import type { Failure, Launch } from './launch.js';
import { totalSeconds } from './launch.js';
import { notifyListeners, type RunnerContext } from './runner-context.js';
import { changesOf } from './stored-launch.js';
import { tearDown } from './tear-down.js';
import { transition } from './transition.js';

interface EndingParts {
  readonly job: ClaimedJob;
  readonly writer: NodeLogWriter;
  readonly row: LaunchRow;
  /** Aborted when this server gives the launch up. */
  readonly signal: AbortSignal;
}

interface LastState {
  readonly launch: Launch;
  readonly log: LaunchLog;
  readonly redactor: LogRedactor;
}

/**
 * Ends a launch in this order, so that a crash in between loses nothing:
 *
 *     clean up ─▶ terminal entry in the log ─▶ end of the row ─▶ listeners
 *
 * An owner that finds the terminal entry but a running row continues with `adopt`.
 */
export class LaunchEnding {
  readonly #context: RunnerContext;
  readonly #parts: EndingParts;
  /** The launch has ended while the log store was away: its last entries may still be stored later. */
  #late = false;

  constructor(context: RunnerContext, parts: EndingParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** `key` is that of the endpoint. It stays sealed as long as the node's health may be probed. */
  async serve(last: LastState, endpoint: string, key: string | undefined): Promise<void> {
    const nowMs = this.#context.clock.now();
    const launch = transition(last.launch, { kind: 'serving', endpoint }, nowMs);
    const { node } = this.#parts.job.record;
    last.log.write(launch, {
      level: 'info',
      message: `${node.modelName} is served at ${endpoint}`,
      details: { endpoint, ...secondsOf(launch) },
    });
    await this.#terminalEntryStored();
    const served = {
      status: 'active',
      endpoint,
      failureReason: null,
      failureMessage: null,
      ...this.#sealed(key),
      ...this.#forRelaunch(),
    } as const;
    await this.#endRow(launch, served);
  }

  async fail(last: LastState, failure: Failure, spec: LaunchSpec): Promise<void> {
    const { reason, message, hint } = failure;
    const { evidence } = last.log;
    // An owner that only cleans up after another one has read no output: it keeps the row's evidence.
    const explained = { ...(hint !== undefined && { hint }), ...(evidence !== undefined && { evidence }) };
    // The decision is final: an owner that takes over from here on only cleans up.
    this.#parts.row.change({ failureReason: reason, failureMessage: message, ...explained });
    const cleanup = await this.#cleanUp(last, spec);
    const launch = transition(
      last.launch,
      { kind: 'failed', reason, message, hint },
      this.#context.clock.now(),
    );
    const { lastLines } = last.log;
    last.log.write(launch, {
      level: 'error',
      message,
      details: {
        reason,
        ...(hint !== undefined && { hint }),
        cleanup,
        ...secondsOf(launch),
        ...(lastLines !== '' && { last_lines: lastLines }),
      },
    });
    await this.#terminalEntryStored();
    await this.#endRow(launch, {
      status: 'failed',
      failureReason: reason,
      failureMessage: message,
      ...explained,
      ...this.#forRelaunch(reason),
    });
  }

  /** The log has its terminal entry, but the writer of that entry did not end the row. */
  async adopt(launch: Launch, terminal: LogEntry): Promise<void> {
    const atMs = Date.parse(terminal.timestamp);
    if (terminal.phase === 'active') {
      const endpoint = String(terminal.details?.['endpoint'] ?? 'unknown');
      const served = transition(launch, { kind: 'serving', endpoint }, atMs);
      return this.#endRow(served, {
        status: 'active',
        endpoint,
        failureReason: null,
        failureMessage: null,
        endedAtMs: atMs,
        ...this.#sealed(this.#openKey()),
        ...this.#forRelaunch(),
      });
    }
    const reason = failureReasonSchema.catch('unknown').parse(terminal.details?.['reason']);
    const { message } = terminal;
    const hint = terminal.details?.['hint'];
    const failed = transition(launch, { kind: 'failed', reason, message }, atMs);
    return this.#endRow(failed, {
      status: 'failed',
      failureReason: reason,
      failureMessage: message,
      ...(typeof hint === 'string' && { hint }),
      endedAtMs: atMs,
      ...this.#forRelaunch(reason),
    });
  }

  /**
   * Closes the log once everything is stored: soon, or much later if the launch ended while its log store was
   * unavailable.
   */
  async closeLog(): Promise<void> {
    const { clock, limits } = this.#context;
    const { writer } = this.#parts;
    const ms = this.#late ? limits.lateEntriesMs : limits.stopMs / 2;
    const deadline = new Deadline({ clock, ms, message: 'the log store is still away' });
    const closed = writer
      .flush(deadline.signal)
      .catch((error: unknown) => this.#notStored(error))
      .then(() => deadline.clear())
      .then(() => writer.close());
    if (!this.#late) await closed;
  }

  #notStored(error: unknown): void {
    if (error instanceof LogWriterStoppedError) return;
    this.#context.onProblem('the last entries of a log were not stored', error);
  }

  /** Cleans up and returns the fate of the cloud resources in one word. */
  async #cleanUp(last: LastState, spec: LaunchSpec): Promise<'nothing' | 'kept' | 'done' | 'failed'> {
    const { job } = this.#parts;
    const { limits, clock } = this.#context;
    const { launch, log } = last;
    if (!job.started) return 'nothing';
    if (spec.request.keepOnFailure && !job.record.terminateRequested) {
      log.write(launch, {
        level: 'warn',
        message: 'Cloud resources were kept (keep_on_failure) and still cost money',
      });
      return 'kept';
    }
    log.write(launch, { level: 'info', message: `Removing the cloud resources of ${spec.clusterName}` });
    for (let attempt = 1; attempt <= limits.tearDownTries; attempt += 1) {
      try {
        await this.#tearDown(last, spec);
        log.write(launch, { level: 'info', message: 'The cloud resources were removed' });
        return 'done';
      } catch (error) {
        this.#parts.signal.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        log.write(launch, {
          level: 'warn',
          message: `The cloud resources could not be removed: ${why}`,
          details: { attempt },
        });
        if (attempt < limits.tearDownTries) await clock.sleep(limits.tearDownRetryMs, this.#parts.signal);
      }
    }
    log.write(launch, {
      level: 'error',
      message: `${spec.clusterName} may still cost money: terminate the node, or remove it by hand`,
    });
    return 'failed';
  }

  #tearDown(last: LastState, spec: LaunchSpec): Promise<void> {
    const { orchestrator, clock, limits } = this.#context;
    const { handle } = this.#parts.row;
    const observer = new Observer({ kind: orchestrator.kind, redactor: last.redactor });
    return tearDown({
      orchestrator,
      spec: { ...spec, handle: handle ?? spec.handle },
      clock,
      limits,
      signal: this.#parts.signal,
      onObservation: (observation) => {
        const observed = observer.observe(observation);
        // Output of the clean-up belongs to no stream of the launch, so it must not move the checkpoint.
        if (observed !== undefined) last.log.write(last.launch, observed);
      },
    });
  }

  /** Waits for the log store for a limited time. Rejects if another owner has written the terminal entry. */
  async #terminalEntryStored(): Promise<void> {
    const { clock, limits, onProblem } = this.#context;
    const { writer, signal } = this.#parts;
    const ms = limits.terminalEntryMs;
    const deadline = new Deadline({ clock, ms, signal, message: 'the log store is away' });
    try {
      await writer.flush(deadline.signal);
    } catch (error) {
      if (error instanceof LogWriterStoppedError || signal.aborted) throw error;
      this.#late = true;
      onProblem('a launch has ended while the log store is away', error);
    } finally {
      deadline.clear();
    }
  }

  /** Opens the key of the endpoint, for an owner that has not driven the launch. */
  #openKey(): string | undefined {
    const { sealedSecrets, lease } = this.#parts.job;
    try {
      return sealedSecrets && this.#context.secretBox.open(lease.nodeId, sealedSecrets)[ENDPOINT_KEY];
    } catch (error) {
      this.#context.onProblem('the key of an endpoint cannot be opened', error);
      return undefined;
    }
  }

  #sealed(key: string | undefined): Pick<NodeChanges, 'sealedKey'> {
    if (key === undefined) return {};
    return { sealedKey: this.#context.secretBox.seal(this.#parts.job.lease.nodeId, { [ENDPOINT_KEY]: key }) };
  }

  /**
   * The secrets that stay sealed because the launch may be repeated without asking anybody for them: while it is active, and
   * when a relaunch of it has failed.
   */
  #forRelaunch(failure?: FailureReason): Pick<NodeChanges, 'sealedKey'> {
    const { sealedSecrets, record } = this.#parts.job;
    const repeats = failure === undefined || (record.node.retryReason === 'lost' && failure !== 'cancelled');
    if (record.request.onLoss !== 'relaunch' || !repeats || sealedSecrets === undefined) return {};
    return { sealedKey: sealedSecrets };
  }

  async #endRow(launch: Launch, changes: NodeChanges): Promise<void> {
    const { clock } = this.#context;
    const node = await this.#parts.row.end({ ...changesOf(launch), endedAtMs: clock.now(), ...changes });
    if (node !== undefined) notifyListeners(this.#context, 'onEnded', node);
  }
}

function secondsOf(launch: Launch): LogDetails {
  const details: LogDetails = { total_seconds: rounded(totalSeconds(launch)) };
  for (const [phase, seconds] of Object.entries(launch.phaseSeconds)) {
    details[`${phase}_seconds`] = rounded(seconds ?? 0);
  }
  return details;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
