import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../audit/audit-log.js';
import { budgetReview, type BudgetReview } from '../budget/budget-review.js';
import { BudgetService } from '../budget/budget-service.js';
import { LaunchBudgets } from '../budget/launch-budgets.js';
import { SqlBudgetStore } from '../budget/sql-budget-store.js';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { Logger } from '../logger.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';

interface BudgetsOptions {
  readonly database: SqlDatabase;
  readonly orchestrator: Orchestrator;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onReviewed: () => void;
}

export interface Budgets {
  readonly service: BudgetService;
  /** Asked by launches before they are stored. */
  readonly launches: LaunchBudgets;
  readonly review: BudgetReview;
}

/** Creates the budgets of tenants and deployments. */
export function createBudgets({
  database,
  orchestrator,
  audit,
  clock,
  logger,
  onReviewed,
}: BudgetsOptions): Budgets {
  const store = new SqlBudgetStore(database);
  return {
    service: new BudgetService({ store, audit, newId: randomUUID }),
    launches: new LaunchBudgets({ store, orchestrator, clock }),
    review: budgetReview({
      store,
      clock,
      onReviewed,
      onProblem: (problem, error) => logger.warn({ err: error }, problem),
    }),
  };
}
