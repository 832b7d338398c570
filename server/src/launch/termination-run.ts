import type { ClaimedJob } from '../node/lease-store.js';
import { LogRedactor } from '../redaction/redactor.js';
import { endedLaunchSpec } from './launch-spec.js';
import { contextOfNode, notifyListeners, type RunnerContext } from './runner-context.js';
import { tearDown } from './tear-down.js';

/** The result of a termination. `retry` releases the row for a later attempt. */
type TerminationResult = 'done' | 'retry' | 'abandoned';

/** One server's attempt to terminate a node. The node's log is closed, so the row alone shows the outcome. */
export class TerminationRun {
  readonly job: ClaimedJob;
  readonly #context: RunnerContext;
  readonly #abandon = new AbortController();

  constructor(context: RunnerContext, job: ClaimedJob) {
    this.#context = contextOfNode(context, job.lease.nodeId);
    this.job = job;
  }

  /** Stops work and leaves the node as it is: this server stops, or another one owns the termination. */
  abandon(): void {
    this.#abandon.abort(new Error('the termination was given up by this server'));
  }

  /** Never rejects. */
  async run(): Promise<TerminationResult> {
    const { lease, record } = this.job;
    const { leases, onProblem } = this.#context;
    const ended = record.node.failureReason !== undefined;
    try {
      await this.#tearDown();
      const cleared = ended ? {} : { failureMessage: null };
      const terminatedAtMs = this.#context.clock.now();
      const node = await leases.end(lease, {
        status: 'terminated',
        endpoint: null,
        terminatedAtMs,
        ...cleared,
      });
      if (node !== undefined) notifyListeners(this.#context, 'onTerminated', node);
      return 'done';
    } catch (error) {
      if (this.#abandon.signal.aborted) return 'abandoned';
      onProblem(`node ${lease.nodeId} could not be terminated; it is retried`, error);
      if (!ended) await this.#storeReason(error);
      return 'retry';
    }
  }

  async #tearDown(): Promise<void> {
    const { orchestrator, clock, limits } = this.#context;
    await tearDown({
      orchestrator,
      spec: endedLaunchSpec(this.job.record),
      clock,
      limits,
      signal: this.#abandon.signal,
      onObservation: () => undefined,
    });
  }

  async #storeReason(error: unknown): Promise<void> {
    const why = new LogRedactor().redactText(error instanceof Error ? error.message : String(error));
    const failureMessage = `The node could not be terminated yet, it is tried again: ${why}`;
    await this.#context.leases
      .save(this.job.lease, { failureMessage })
      .catch((cause: unknown) =>
        this.#context.onProblem('the reason of a failed termination could not be stored', cause),
      );
  }
}
