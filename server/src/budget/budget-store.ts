import type { Budget, BudgetInput, BudgetPatch } from '@launchlog/shared/cost/budget';
import type { NodeOwner } from '../node-owner.js';

/**
 * Budgets, and what they refuse. Atomicity: every call is one statement. Loss: a call that rejects may have been applied;
 * every call but `create` may be repeated. The database itself enforces budgets when a launch is stored.
 */
export interface BudgetStore {
  create(budget: BudgetInput & { readonly id: string; readonly createdBy: string }): Promise<Budget>;

  /** Undefined for an unknown budget. */
  find(id: string): Promise<Budget | undefined>;

  /** All of them, the oldest first. */
  list(): Promise<readonly Budget[]>;

  change(id: string, patch: BudgetPatch): Promise<Budget | undefined>;

  /** False for an unknown budget. */
  remove(id: string): Promise<boolean>;

  /** Whether a launch of this owner counts in any budget. */
  concerns(owner: NodeOwner): Promise<boolean>;

  /** Records that a launch was refused because of the budget. */
  refused(id: string): Promise<void>;

  /**
   * Compares the running cost with each budget, and writes a notice for each limit that was crossed. Any number of servers
   * may call it.
   */
  review(): Promise<void>;

  /** The hourly price, in US dollars, of the latest launch of the same machine. */
  lastPrice(machine: KnownMachine): Promise<number | undefined>;
}

export interface KnownMachine {
  readonly provider: string;
  readonly gpuType: string;
  readonly gpuCount: number;
  readonly useSpot: boolean;
}
