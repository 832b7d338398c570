import type { Budget, BudgetInput, BudgetPatch } from '@launchlog/shared/cost/budget';
import { notFound } from '@launchlog/shared/error-code';
import type { AuditLog } from '../audit/audit-log.js';
import type { Principal } from '../principal.js';
import type { BudgetStore } from './budget-store.js';

interface BudgetServiceOptions {
  readonly store: BudgetStore;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly newId: () => string;
}

/** The use cases of budgets, the same for every transport. They write the audit trail. */
export class BudgetService {
  readonly #options: BudgetServiceOptions;

  constructor(options: BudgetServiceOptions) {
    this.#options = options;
  }

  list(): Promise<readonly Budget[]> {
    return this.#options.store.list();
  }

  async get(id: string): Promise<Budget> {
    return known(id, await this.#options.store.find(id));
  }

  create(by: Principal, input: BudgetInput): Promise<Budget> {
    const { audit, store, newId } = this.#options;
    const id = newId();
    return audit.around(by, { action: 'budget.create', target: id }, () =>
      store.create({ ...input, id, createdBy: by.name }),
    );
  }

  update(by: Principal, id: string, patch: BudgetPatch): Promise<Budget> {
    const { audit, store } = this.#options;
    return audit.around(by, { action: 'budget.update', target: id }, async () =>
      known(id, await store.change(id, patch)),
    );
  }

  remove(by: Principal, id: string): Promise<void> {
    const { audit, store } = this.#options;
    return audit.around(by, { action: 'budget.remove', target: id }, async () => {
      if (!(await store.remove(id))) throw notFound('budget', id);
    });
  }
}

function known(id: string, budget: Budget | undefined): Budget {
  if (budget === undefined) throw notFound('budget', id);
  return budget;
}
