import type { Budget, BudgetInput, BudgetPatch } from '@launchlog/shared/cost/budget';
import type { NodeOwner } from '../node-owner.js';

/**
 * Budgets, and what they refuse. Atomicity: every call is one statement. Loss: a call that rejects may have been applied;
 * every call but `create` may be repeated. Launches are held to budgets where they are stored, by the database itself.
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

  /** A launch was refused because of the budget. */
  refused(id: string): Promise<void>;

  /** Compares what runs with each budget, and writes a notice for each line that was crossed. Any number of servers may. */
  review(): Promise<void>;

  /** What the latest launch of the same machine costs per hour. */
  lastPrice(machine: KnownMachine): Promise<number | undefined>;
}

export interface KnownMachine {
  readonly provider: string;
  readonly gpuType: string;
  readonly gpuCount: number;
  readonly useSpot: boolean;
}
