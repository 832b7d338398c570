import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { NodeStoreUnavailableError } from '../database/sql-database.js';
import type { Lease, LeaseStore, NodeChanges } from '../node/lease-store.js';
import type { LaunchWork } from '../node/work/launch-work.js';
import { Backoff } from '../wait/backoff.js';

interface LaunchRowOptions {
  readonly leases: LeaseStore;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** The record of calls for the launch so far. It is stored with the launch's memory. */
  readonly work: () => LaunchWork;
  /** Called when another server has taken over. */
  readonly onLost: () => void;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const RETRY = { firstMs: 100, maxMs: 5_000 };
/** How long a change of progress alone may wait: readers of the log have it at once. */
const PROGRESS_DELAY_MS = 1_000;

/**
 * The row of a running launch. Changes are stored in order; waiting ones are merged, so that the newest value of each field is
 * stored. While the database is unavailable it retries. Only callers of `stored`, `end` and `confirm` wait for that.
 */
export class LaunchRow {
  readonly #options: LaunchRowOptions;
  #waiting: NodeChanges | undefined;
  #storing: Promise<void> | undefined;
  #stopTimer: (() => void) | undefined;
  #handle: string | undefined;

  constructor(options: LaunchRowOptions) {
    this.#options = options;
  }

  /** The handle as last changed by this server. */
  get handle(): string | undefined {
    return this.#handle;
  }

  change(changes: NodeChanges): void {
    this.#handle = changes.handle ?? this.#handle;
    this.#waiting = { ...this.#waiting, ...changes };
    this.#begin();
  }

  /** The same for changes that may wait a moment: a launch that reports every percent costs one statement per second. */
  changeLater(changes: NodeChanges): void {
    this.#waiting = { ...this.#waiting, ...changes };
    if (this.#storing !== undefined) return;
    this.#stopTimer ??= this.#options.clock.after(PROGRESS_DELAY_MS, () => this.#begin());
  }

  /** Resolves once every change is stored. Rejects if the launch is given up or taken over first. */
  async stored(): Promise<void> {
    if (this.#waiting !== undefined) this.#begin();
    while (this.#storing !== undefined) await this.#storing;
  }

  /** Ends the launch. Resolves to undefined if another server has taken over. */
  async end(changes: NodeChanges): Promise<Node | undefined> {
    await this.stored();
    const { leases, lease } = this.#options;
    return this.#persist('the end of a launch', () => leases.end(lease, this.#withWork(changes)));
  }

  /** Asks the database whether this server still holds the lease. */
  async confirm(leaseMs: number): Promise<boolean> {
    const { leases, lease } = this.#options;
    const held = await this.#persist('a lease', () => leases.renew([lease], leaseMs));
    return held.length === 1;
  }

  #begin(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#storing ??= this.#store();
    // Callers who need the result wait for `stored`.
    this.#storing.catch(() => undefined);
  }

  async #store(): Promise<void> {
    try {
      while (this.#waiting !== undefined) {
        await this.#persist('the state of a launch', () => this.#storeWaiting());
      }
    } finally {
      this.#storing = undefined;
    }
  }

  async #storeWaiting(): Promise<void> {
    const { leases, lease, onLost } = this.#options;
    const changes = this.#waiting ?? {};
    this.#waiting = undefined;
    try {
      if (!(await leases.save(lease, this.#withWork(changes)))) onLost();
    } catch (error) {
      this.#waiting = { ...changes, ...this.#newer() };
      throw error;
    }
  }

  #withWork(changes: NodeChanges): NodeChanges {
    const { memory } = changes;
    return memory === undefined ? changes : { ...changes, memory: { ...memory, work: this.#options.work() } };
  }

  /** Changes made during the database call. */
  #newer(): NodeChanges | undefined {
    return this.#waiting;
  }

  async #persist<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, signal, onProblem } = this.#options;
    const backoff = new Backoff(RETRY);
    for (;;) {
      signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof NodeStoreUnavailableError)) {
          onProblem(`${what} was refused by the database`, error);
          throw error;
        }
        onProblem(`${what} could not be stored; it is retried`, error);
        await backoff.wait(clock, signal);
      }
    }
  }
}
