import type { AuditLog } from '@launchlog/server/audit/audit-log';
import { BudgetService } from '@launchlog/server/budget/budget-service';
import type { BudgetStore } from '@launchlog/server/budget/budget-store';
import type { Budget } from '@launchlog/shared/cost/budget';
import { randomUUID } from 'node:crypto';

const AT = '2026-03-01T12:00:00.000Z';

/** Budgets in memory: nothing runs. */
export function memoryBudgets(audit: Pick<AuditLog, 'around'>): BudgetService {
  const budgets = new Map<string, Budget>();
  const store: Pick<BudgetStore, 'create' | 'find' | 'list' | 'change' | 'remove'> = {
    async create(budget) {
      const created: Budget = { ...budget, hourlyCost: 0, level: 'within', createdAt: AT, updatedAt: AT };
      budgets.set(created.id, created);
      return created;
    },
    find: (id) => Promise.resolve(budgets.get(id)),
    list: () => Promise.resolve([...budgets.values()]),
    async change(id, patch) {
      const budget = budgets.get(id);
      return budget === undefined ? undefined : { ...budget, ...(patch as Partial<Budget>) };
    },
    remove: (id) => Promise.resolve(budgets.delete(id)),
  };
  return new BudgetService({ store: store as BudgetStore, audit, newId: randomUUID });
}
