import { z } from 'zod';
import type { Budget, BudgetInput, BudgetPatch } from '@launchlog/shared/cost/budget';
import { BUDGET_LEVELS, budgetSchema } from '@launchlog/shared/cost/budget';
import { isoText, SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { WordFields } from '../database/unknown-words.js';
import type { NodeOwner } from '../node-owner.js';
import type { BudgetStore, KnownMachine } from './budget-store.js';

/** How long after a refusal the budget counts as exceeded. Further refusals within this time belong to the same crossing. */
const REFUSAL_MINUTES = 10;

/** A level of a newer release is shown as it is. */
const storedSchema = budgetSchema.extend({
  level: z.custom<Budget['level']>((word) => typeof word === 'string'),
});
const WORDS = new WordFields('budgets', { level: BUDGET_LEVELS });
const BUDGET = new SqlColumns(
  storedSchema,
  {
    id: 'id',
    name: 'name',
    maxHourlyCost: 'max_hourly_cost',
    tenantId: 'tenant_id',
    deploymentId: 'deployment_id',
    hourlyCost: 'running_cost(tenant_id, deployment_id)',
    level: 'level',
    createdBy: 'created_by',
    createdAt: isoText('created_at'),
    updatedAt: isoText('updated_at'),
  },
  WORDS,
);
const FOUND = new SqlColumns(z.object({ id: z.string() }), { id: 'id' });
const PRICE = new SqlColumns(z.object({ price: z.number() }), { price: 'price_per_hour' });

/** Budgets in PostgreSQL, embedded or not. The migrations must have run. See decision 138. */
export class SqlBudgetStore implements BudgetStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async create(budget: BudgetInput & { readonly id: string; readonly createdBy: string }): Promise<Budget> {
    const { id, name, tenantId = null, deploymentId = null, maxHourlyCost, createdBy } = budget;
    const created = await BUDGET.first(
      this.#database,
      `insert into budgets (id, name, tenant_id, deployment_id, max_hourly_cost, created_by)
       values ($1, $2, $3, $4, $5, $6) returning ${BUDGET.list}`,
      [id, name, tenantId, deploymentId, maxHourlyCost, createdBy],
    );
    if (created === undefined) throw new Error('the database returned no budget');
    return created;
  }

  find(id: string): Promise<Budget | undefined> {
    return BUDGET.first(this.#database, `select ${BUDGET.list} from budgets where id = $1`, [id]);
  }

  list(): Promise<readonly Budget[]> {
    return BUDGET.all(this.#database, `select ${BUDGET.list} from budgets order by created_at, id`, []);
  }

  change(
    id: string,
    { name = null, maxHourlyCost = null }: Nullable<BudgetPatch>,
  ): Promise<Budget | undefined> {
    return BUDGET.first(
      this.#database,
      `update budgets set name = coalesce($2, name), max_hourly_cost = coalesce($3::float8, max_hourly_cost),
         refused_at = case when $3::float8 > max_hourly_cost then null else refused_at end, updated_at = now()
       where id = $1 returning ${BUDGET.list}`,
      [id, name, maxHourlyCost],
    );
  }

  async remove(id: string): Promise<boolean> {
    const removed = await FOUND.first(this.#database, `delete from budgets where id = $1 returning id`, [id]);
    return removed !== undefined;
  }

  async concerns({ tenantId = null, deploymentId = null }: Nullable<NodeOwner>): Promise<boolean> {
    const found = await FOUND.first(
      this.#database,
      `select id from budgets where (tenant_id is null or tenant_id = $1)
         and (deployment_id is null or deployment_id = $2) limit 1`,
      [tenantId, deploymentId],
    );
    return found !== undefined;
  }

  async refused(id: string): Promise<void> {
    await this.#database.query(
      `update budgets set refused_at = least(refused_at, running_cost(tenant_id, deployment_id)),
         refused_until = now() + $2::float8 * interval '1 minute' where id = $1`,
      [id, REFUSAL_MINUTES],
    );
  }

  async review(): Promise<void> {
    await this.#database.query('select review_budgets()', []);
  }

  async lastPrice({ provider, gpuType, gpuCount, useSpot }: KnownMachine): Promise<number | undefined> {
    const row = await PRICE.first(
      this.#database,
      `select ${PRICE.list} from nodes where provider = $1 and gpu_type = $2 and gpu_count = $3 and use_spot = $4
         and price_per_hour between 0 and 1e9 order by created_at desc limit 1`,
      [provider, gpuType, gpuCount, useSpot],
    );
    return row?.price;
  }
}

type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };
