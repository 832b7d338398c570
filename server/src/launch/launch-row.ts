import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import { NodeStoreUnavailableError } from '../database/sql-database.js';
import type { Lease, LeaseStore, NodeChanges } from '../node/lease-store.js';
import { Backoff } from '../wait/backoff.js';

export interface LaunchRowOptions {
  readonly leases: LeaseStore;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** Another server has taken over. */
  readonly onLost: () => void;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const RETRY = { firstMs: 100, maxMs: 5_000 };

/**
 * The row of a running launch. Changes are stored in order, newest values first where they wait; a database that is
 * away is asked again until it is back, and keeps nobody waiting who does not ask to.
 */
export class LaunchRow {
  readonly #options: LaunchRowOptions;
  #waiting: NodeChanges | undefined;
  #storing: Promise<void> | undefined;
  #handle: string | undefined;

  constructor(options: LaunchRowOptions) {
    this.#options = options;
  }

  /** As last changed here. */
  get handle(): string | undefined {
    return this.#handle;
  }

  change(changes: NodeChanges): void {
    this.#handle = changes.handle ?? this.#handle;
    this.#waiting = { ...this.#waiting, ...changes };
    this.#storing ??= this.#store();
    // Whoever wants to know waits for `stored`.
    this.#storing.catch(() => undefined);
  }

  /** Resolves when every change is stored; rejects when the launch is given up or taken over before. */
  async stored(): Promise<void> {
    while (this.#storing !== undefined) await this.#storing;
  }

  /** Ends the launch. Undefined when another server has taken over. */
  async end(changes: NodeChanges): Promise<Node | undefined> {
    await this.stored();
    return this.#persist('the end of a launch', () => this.#options.leases.end(this.#options.lease, changes));
  }

  /** True while the lease is ours, as the database says now. */
  async confirm(leaseMs: number): Promise<boolean> {
    const { leases, lease } = this.#options;
    const held = await this.#persist('a lease', () => leases.renew([lease], leaseMs));
    return held.length === 1;
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
      if (!(await leases.save(lease, changes))) onLost();
    } catch (error) {
      this.#waiting = { ...changes, ...this.#newer() };
      throw error;
    }
  }

  /** What was changed while the database was asked. */
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
        onProblem(`${what} could not be stored; it is tried again`, error);
        await backoff.wait(clock, signal);
      }
    }
  }
}
