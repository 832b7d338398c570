import { isDeepStrictEqual } from 'node:util';
import type { ClaimedJob } from '../node/lease-store.js';
import type { LaunchEvent } from '../orchestrator/launch-event.js';
import { LineFolding } from '../orchestrator/line-folding.js';
import type { Observed } from '../orchestrator/observer.js';
import { Observer } from '../orchestrator/observer.js';
import type { LaunchSpec, Observation } from '../orchestrator/orchestrator.js';
import type { LogRedactor } from '../redaction/redactor.js';
import { answerWithin } from '../wait/answer-within.js';
import type { Forecast } from './forecast.js';
import type { LaunchLog } from './launch-log.js';
import type { LaunchRow } from './launch-row.js';
import type { Failure, Launch } from './launch.js';
import { advance } from './launch.js';
import { PhaseWatch } from './phase-watch.js';
import type { RunControl } from './run-control.js';
import type { RunnerContext } from './runner-context.js';
import { changesOf } from './stored-launch.js';
import { transition } from './transition.js';
import { overPriced, tooExpensive } from './price/price-limit.js';
import type { WorkRecorder } from './work/work-recorder.js';
import { untilAborted } from './until-aborted.js';
import { wonMachine } from './won-machine.js';

/** The result of watching a launch. */
type Outcome =
  | { readonly kind: 'serving'; readonly endpoint: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

interface LaunchWatchParts {
  readonly job: ClaimedJob;
  readonly spec: LaunchSpec;
  readonly row: LaunchRow;
  readonly log: LaunchLog;
  readonly redactor: LogRedactor;
  readonly forecast: Forecast;
  readonly control: RunControl;
  readonly work: WorkRecorder;
}

/** How long an entry that changes the phase or the attempts waits for the row: a new owner then knows what readers saw. */
const ROW_BEFORE_LOG_MS = 2_000;

/**
 * Follows the observations of one launch and turns them into phases, log entries and changes of the row:
 *
 *     orchestrator ─ observation ─▶ observer ─ observed ─▶ folding ─▶ transition ─▶ row, then log
 */
export class LaunchWatch {
  readonly #context: RunnerContext;
  readonly #parts: LaunchWatchParts;
  readonly #observer: Observer;
  readonly #folding = new LineFolding();
  readonly #phaseWatch: PhaseWatch;
  #launch: Launch;

  constructor(context: RunnerContext, parts: LaunchWatchParts, launch: Launch) {
    const { orchestrator, clock, limits } = context;
    const { redactor, forecast, control } = parts;
    this.#context = context;
    this.#parts = parts;
    this.#launch = launch;
    this.#observer = new Observer({ kind: orchestrator.kind, redactor });
    this.#phaseWatch = new PhaseWatch({
      clock,
      limits,
      forecast,
      onDeadline: (deadlineMs) => control.fail(timeout(this.#launch, deadlineMs)),
      onStall: (usual) => this.#stalled(usual),
    });
  }

  get launch(): Launch {
    return this.#launch;
  }

  /** Launches, or continues to watch an earlier launch. Rejects when it is abandoned. */
  async watch(): Promise<Outcome> {
    const { orchestrator } = this.#context;
    const { spec, control, redactor } = this.#parts;
    const { stopped } = control;
    try {
      await this.#begin();
      await this.#refuseCost();
      const seen = stopped.aborted ? [] : untilAborted(orchestrator.launch(spec, stopped), stopped);
      for await (const observation of seen) {
        const outcome = await this.#see(observation);
        if (outcome !== undefined) return outcome;
      }
    } catch (error) {
      if (!stopped.aborted) return crashed(error, redactor);
    } finally {
      this.#phaseWatch.end();
    }
    control.abandoned.throwIfAborted();
    for (const { observation, observed } of this.#folding.end()) await this.#log(observation, observed);
    const failure = control.failure;
    return failure === undefined
      ? crashed(new Error('it ended without a result'), redactor)
      : { kind: 'failed', failure };
  }

  async #begin(): Promise<void> {
    const { limits, clock } = this.#context;
    const { job, spec, row, log, control, forecast } = this.#parts;
    if (spec.handle === undefined) {
      // This process may have been suspended since the claim, and the next step cannot be undone.
      if (!(await row.confirm(limits.leaseMs))) control.abandon();
      control.abandoned.throwIfAborted();
      this.#launch = advance(this.#launch, 1);
      log.write(this.#launch, { level: 'info', message: 'A slot is free: the launch starts' });
    } else {
      const message = 'The launch was taken over from a server that stopped, and continues';
      log.write(this.#launch, { level: 'warn', message });
    }
    const eta = forecast.eta(this.#launch, clock.now()) ?? null;
    row.change({ ...changesOf(this.#launch), eta });
    // Time in the queue has no deadline. After a takeover the new owner needs time to see how far the launch came.
    const queued = this.#launch.phase === 'queued';
    const leastMs = queued ? limits.phaseDeadlineMs.queued : limits.takeoverGraceMs;
    this.#phaseWatch.begin(this.#launch, { leastMs, stallReported: job.record.node.stalled });
  }

  /** Fails the launch before anything is submitted, if no offer is within its price limit. */
  async #refuseCost(): Promise<void> {
    const { orchestrator, clock } = this.#context;
    const { spec, control, work } = this.#parts;
    if (spec.handle !== undefined) return;
    const signal = control.stopped;
    const failure = await tooExpensive(orchestrator, spec.request, { clock, signal, calls: work });
    if (failure !== undefined) control.fail(failure);
  }

  async #see(observation: Observation): Promise<Outcome | undefined> {
    const { row } = this.#parts;
    if (observation.kind === 'handle') {
      row.change({ handle: observation.handle });
      await row.stored();
      return undefined;
    }
    if (observation.kind === 'probe') this.#parts.work.probed(observation.probe);
    const observed = this.#observer.observe(observation);
    if (observed === undefined) return undefined;
    for (const seen of this.#folding.push({ observation, observed })) {
      await this.#log(seen.observation, seen.observed);
    }
    const { event } = observed;
    if (event?.kind === 'serving') return { kind: 'serving', endpoint: event.endpoint };
    if (event?.kind !== 'failed') return undefined;
    return { kind: 'failed', failure: { reason: event.reason, message: event.message, hint: event.hint } };
  }

  async #log(observation: Observation, observed: Observed): Promise<void> {
    const { event } = observed;
    // The end is reported once everything is done. Until then, entries belong to the phase that is ending.
    if (event?.kind !== 'failed' && event?.kind !== 'serving') await this.#apply(event);
    this.#parts.log.observed(observation, observed, this.#launch);
  }

  async #apply(event: LaunchEvent | undefined): Promise<void> {
    if (event === undefined) return;
    const { row, forecast } = this.#parts;
    const nowMs = this.#context.clock.now();
    const before = this.#launch;
    const after = transition(before, event, nowMs);
    if (after === before) return;
    this.#launch = after;
    const failure = overPriced(this.#parts.spec.request, after);
    if (failure !== undefined) this.#parts.control.fail(failure);
    const newPhase = after.phase !== before.phase;
    const onlyProgress = { ...before, progress: after.progress };
    if (isDeepStrictEqual(after, onlyProgress)) return row.changeLater({ progress: after.progress });
    row.change({ ...changesOf(after), ...wonMachine(this.#parts.spec.request, after) });
    if (newPhase) {
      this.#phaseWatch.begin(after, { leastMs: 0, stallReported: false });
      row.change({ stalled: false, eta: forecast.eta(after, nowMs) ?? null });
    }
    if (newPhase || after.attempts !== before.attempts) await this.#rowStored();
  }

  /** Stores a new phase or attempt in the row before readers see it, unless the database is unavailable. */
  async #rowStored(): Promise<void> {
    const limit = { clock: this.#context.clock, ms: ROW_BEFORE_LOG_MS };
    await answerWithin(limit, this.#parts.row.stored(), undefined);
  }

  #stalled(usual: { readonly p95Ms: number; readonly samples: number }): void {
    const { log, row } = this.#parts;
    const seconds = Math.round(usual.p95Ms / 1_000);
    log.write(this.#launch, {
      level: 'warn',
      message: `Slow: ${this.#launch.phase} has lasted longer than in 95 of 100 launches of this GPU at this provider`,
      details: { p95_seconds: seconds, samples: usual.samples },
    });
    row.change({ stalled: true });
  }
}

function timeout(launch: Launch, deadlineMs: number): Failure {
  const seconds = Math.round(deadlineMs / 1_000);
  const limit = seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${seconds} seconds`;
  return { reason: 'timeout', message: `The launch was still in phase ${launch.phase} after ${limit}.` };
}

function crashed(error: unknown, redactor: LogRedactor): Outcome {
  const why = redactor.redactText(error instanceof Error ? error.message : String(error));
  return { kind: 'failed', failure: { reason: 'unknown', message: `The orchestrator stopped: ${why}` } };
}
