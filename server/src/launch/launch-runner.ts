import { nodeListQuerySchema } from '@launchlog/shared/node';
import type { ClaimedJob, ClaimRequest, Lease, QueuedJob } from '../node/lease-store.js';
import { answerWithin } from '../wait/answer-within.js';
import { Deadline } from '../wait/deadline.js';
import { LaunchRun } from './launch-run.js';
import { endedLaunchSpec } from './launch-spec.js';
import { logQueuePosition } from './queue-position.js';
import type { RunnerContext } from './runner-context.js';
import { TerminationRun } from './termination-run.js';
import { backoffMs } from '../wait/backoff.js';
import { WokenLoop } from '../wait/woken-loop.js';

const LOOK_RETRY_MAX_MS = 5_000;
/** The wait before a failed termination is tried again. */
const TERMINATION_RETRY_MS = 15_000;
/** How often positions are looked at although the queue is as it was: another server may have died while it logged one. */
const QUEUE_AGAIN_MS = 60_000;
const RESTORE_PAGE = 100;

type Run = LaunchRun | TerminationRun;

/**
 * Works on launches and terminations: claims leases, renews them by heartbeats, and releases them when it stops. Any
 * number of servers may each run one on the same database; only one of them works on a launch at a time.
 */
export class LaunchRunner {
  readonly #context: RunnerContext;
  readonly #claimRequest: ClaimRequest;
  /** Looks for work. */
  readonly #loop: WokenLoop;
  readonly #running = new Map<Run, Promise<void>>();
  /** Runs beside the rounds of the loop: a log store that is away must not keep this server from its work. */
  #loggingPositions: Promise<void> | undefined;
  /** The queue as it was when each position in it had been logged. */
  #loggedQueue: { readonly queue: string; readonly atMs: number } | undefined;
  #stopHeartbeat: (() => void) | undefined;
  #beating = false;
  #stopped: Promise<void> | undefined;

  constructor(context: RunnerContext) {
    this.#context = context;
    const { pollMs } = context.limits;
    const bounds = { firstMs: pollMs, maxMs: Math.max(pollMs, LOOK_RETRY_MAX_MS) };
    this.#loop = new WokenLoop({
      clock: context.clock,
      round: (woken) => this.#look(woken),
      pauseMs: (failures) => backoffMs(bounds, failures + 1),
      onFailure: (error) => context.onProblem('looking for work failed; it is retried', error),
      wakesAfterFailure: true,
    });
    this.#claimRequest = {
      owner: context.workerId,
      leaseMs: context.limits.leaseMs,
      maxRunning: context.limits.maxRunning,
      orchestrator: context.orchestrator.kind,
      secretsKeyId: context.secretBox.keyId,
    };
  }

  /** The launches and terminations that this server is working on. */
  get jobs(): number {
    return this.#running.size;
  }

  start(): void {
    const { clock, limits } = this.#context;
    this.#stopHeartbeat ??= clock.every(limits.heartbeatMs, () => void this.#heartbeat());
    this.#loop.start();
    void this.#restore();
  }

  /** Looks at once: there is new work, or a request that concerns work in progress. */
  wake(): void {
    this.#loop.wake();
  }

  /** Stops work and releases every lease, so that other servers continue at once. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { clock, limits, onProblem } = this.#context;
    const looked = this.#loop.stop();
    for (const run of this.#running.keys()) run.abandon();
    const done = Promise.all([looked, this.#loggingPositions, ...this.#running.values()]).then(
      () => 'done' as const,
    );
    if ((await answerWithin({ clock, ms: limits.stopMs }, done, 'late')) === 'late') {
      onProblem('not every lease was released: other servers take over when they expire', undefined);
    }
    this.#stopHeartbeat?.();
  }

  /** A wake means that there is work. Otherwise a claim, which is dear, waits for a look that finds some. */
  async #look(woken: boolean): Promise<void> {
    if (woken) await this.#heartbeat();
    const { leases } = this.#context;
    let sight = woken ? undefined : await leases.look(this.#claimRequest);
    if (sight?.claimable !== false) {
      await this.#claimAll();
      sight = await leases.look(this.#claimRequest);
    }
    const { queue } = sight;
    if (queue === undefined || !this.#mayHaveMoved(queue)) return;
    this.#loggingPositions ??= this.#logQueuePositions(queue).finally(
      () => (this.#loggingPositions = undefined),
    );
  }

  #mayHaveMoved(queue: string): boolean {
    const { clock } = this.#context;
    const logged = this.#loggedQueue;
    return logged?.queue !== queue || clock.monotonic() - logged.atMs >= QUEUE_AGAIN_MS;
  }

  async #claimAll(): Promise<void> {
    const { leases, limits } = this.#context;
    while (!this.#loop.stopping.aborted && this.#running.size < limits.maxJobs) {
      const job = await leases.claim(this.#claimRequest);
      if (job === undefined) return;
      if (this.#loop.stopping.aborted) return leases.release(job.lease, 0);
      this.#begin(job);
    }
  }

  #begin(job: ClaimedJob): void {
    const run =
      job.kind === 'launch' ? new LaunchRun(this.#context, job) : new TerminationRun(this.#context, job);
    const work = this.#work(run).finally(() => {
      this.#running.delete(run);
      // A slot may be free now, or the node may have to be terminated next.
      this.wake();
    });
    this.#running.set(run, work);
  }

  async #work(run: Run): Promise<void> {
    const { lease } = run.job;
    const result = await run.run();
    if (result === 'abandoned') await this.#release(lease, 0);
    else if (result === 'retry') await this.#release(lease, TERMINATION_RETRY_MS);
  }

  async #release(lease: Lease, delayMs: number): Promise<void> {
    try {
      await this.#context.leases.release(lease, delayMs);
    } catch (error) {
      this.#context.onProblem('a lease was not released; it will expire', error);
    }
  }

  /** Never rejects. */
  async #logQueuePositions(queue: string): Promise<void> {
    const { leases, limits, clock, onProblem } = this.#context;
    const atMs = clock.monotonic();
    const signal = this.#loop.stopping;
    try {
      for (let logged = 0; logged < limits.queueNoticesPerPoll && !signal.aborted; logged += 1) {
        const job = await leases.claimQueued(this.#claimRequest);
        if (job === undefined) {
          if (logged === 0) this.#loggedQueue = { queue, atMs };
          return;
        }
        await this.#logQueuePosition(job);
      }
    } catch (error) {
      if (!signal.aborted) onProblem('the position of a queued launch was not logged', error);
    }
  }

  async #logQueuePosition(job: QueuedJob): Promise<void> {
    const { clock, limits } = this.#context;
    const signal = this.#loop.stopping;
    const deadline = new Deadline({ clock, ms: limits.leaseMs, signal, message: 'the log store is away' });
    try {
      await logQueuePosition(this.#context, job, deadline.signal);
    } finally {
      deadline.clear();
      await this.#release(job.lease, 0);
    }
  }

  /** Renews the leases, and learns of cancellations and takeovers. Work continues while the database is unavailable. */
  async #heartbeat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    const { leases, limits, onProblem } = this.#context;
    const runs = [...this.#running.keys()];
    try {
      const held = await leases.renew(
        runs.map(({ job }) => job.lease),
        limits.leaseMs,
      );
      const heldByNode = new Map(held.map((lease) => [lease.nodeId, lease]));
      for (const run of runs) {
        const { nodeId, attempt } = run.job.lease;
        const renewed = heldByNode.get(nodeId);
        if (renewed?.attempt !== attempt) run.abandon();
        else if (renewed.cancelRequested && run instanceof LaunchRun) run.cancel();
      }
    } catch (error) {
      onProblem('leases were not renewed', error);
    } finally {
      this.#beating = false;
    }
  }

  /** Restores what serving nodes lost when this server last stopped. */
  async #restore(): Promise<void> {
    const { nodes, orchestrator, onProblem } = this.#context;
    if (orchestrator.restore === undefined) return;
    try {
      let cursor: string | undefined;
      do {
        const query = { status: ['active'], limit: RESTORE_PAGE, ...(cursor !== undefined && { cursor }) };
        const page = await nodes.list(nodeListQuerySchema.parse(query));
        for (const node of page.nodes) {
          if (this.#loop.stopping.aborted) return;
          if (node.orchestrator === orchestrator.kind) await this.#restoreNode(node.id);
        }
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    } catch (error) {
      onProblem('serving nodes could not be restored', error);
    }
  }

  async #restoreNode(id: string): Promise<void> {
    const { nodes, orchestrator, onProblem } = this.#context;
    const record = await nodes.find(id);
    if (record === undefined) return;
    await orchestrator.restore?.(endedLaunchSpec(record)).catch((error: unknown) => {
      onProblem(`node ${id} could not be restored`, error);
    });
  }
}
