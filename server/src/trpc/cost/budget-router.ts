import { z } from 'zod';
import { budgetInputSchema, budgetPatchSchema } from '@launchlog/shared/cost/budget';
import type { BudgetService } from '../../budget/budget-service.js';
import { parseId } from '../../edge/input-problem.js';
import { procedureFor, router } from '../procedure.js';

export interface BudgetRouterServices {
  readonly budgets: Pick<BudgetService, keyof BudgetService>;
}

const budgetInput = z.strictObject({ id: z.string({ error: 'must be a string' }) });
const updateInput = z.strictObject({ ...budgetInput.shape, ...budgetPatchSchema.shape });

export function createBudgetRouter({ budgets }: BudgetRouterServices) {
  return router({
    list: procedureFor('budgets.list').query(async () => ({ budgets: await budgets.list() })),
    get: procedureFor('budgets.get')
      .input(budgetInput)
      .query(({ input }) => budgets.get(parseId('budget', input.id))),
    create: procedureFor('budgets.create')
      .input(budgetInputSchema)
      .mutation(({ input, ctx }) => budgets.create(ctx.principal, input)),
    update: procedureFor('budgets.update')
      .input(updateInput)
      .mutation(({ input, ctx }) => {
        const { id, ...patch } = input;
        return budgets.update(ctx.principal, parseId('budget', id), patch);
      }),
    remove: procedureFor('budgets.remove')
      .input(budgetInput)
      .mutation(({ input, ctx }) => budgets.remove(ctx.principal, parseId('budget', input.id))),
  });
}
