import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import { BUDGET_LEVELS } from '@launchlog/shared/cost/budget';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { ScrapeSource } from './prometheus-registry.js';

/** Budgets that have series of their own: the oldest ones. */
const BUDGETS_MAX = 1_000;

const BUDGETS = new SqlColumns(
  z.object({ id: z.string(), name: z.string(), level: z.string(), limit: z.number(), cost: z.number() }),
  {
    id: 'id',
    name: 'name',
    level: 'level',
    limit: 'max_hourly_cost',
    cost: 'running_cost(tenant_id, deployment_id)',
  },
);

/** The limit and the running cost of each budget. Every server reports the same, so take the maximum, not the sum. */
export class BudgetGauges implements ScrapeSource {
  readonly name = 'budgets';
  readonly #database: SqlDatabase;
  readonly #limit: Gauge<'budget' | 'id'>;
  readonly #cost: Gauge<'budget' | 'id'>;
  readonly #levels: Gauge<'level'>;

  constructor(database: SqlDatabase, registry: Registry) {
    this.#database = database;
    this.#limit = new Gauge({
      name: 'launchlog_budget_limit_dollars_per_hour',
      help: 'US dollars per hour that may run in a budget.',
      labelNames: ['budget', 'id'],
      registers: [registry],
    });
    this.#cost = new Gauge({
      name: 'launchlog_budget_cost_dollars_per_hour',
      help: 'US dollars per hour of what runs in a budget, on all servers.',
      labelNames: ['budget', 'id'],
      registers: [registry],
    });
    this.#levels = new Gauge({
      name: 'launchlog_budgets',
      help: 'Budgets by level: warning from 80 % on, exceeded also for some minutes after a launch was refused.',
      labelNames: ['level'],
      registers: [registry],
    });
  }

  async read(): Promise<void> {
    const budgets = await BUDGETS.all(
      this.#database,
      `select ${BUDGETS.list} from budgets order by created_at, id limit $1`,
      [BUDGETS_MAX],
    );
    this.forget();
    for (const level of BUDGET_LEVELS) this.#levels.set({ level }, 0);
    for (const { id, name, level, limit, cost } of budgets) {
      this.#limit.set({ budget: name, id }, limit);
      this.#cost.set({ budget: name, id }, cost);
      this.#levels.inc({ level });
    }
  }

  forget(): void {
    for (const gauge of [this.#limit, this.#cost, this.#levels]) gauge.reset();
  }
}
