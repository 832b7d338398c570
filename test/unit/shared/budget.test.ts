import { budgetInputSchema, budgetPatchSchema } from '@launchlog/shared/cost/budget';
import { expect, test } from 'vitest';

const BUDGET = { name: 'of acme', maxHourlyCost: 12.5 };

test.each([
  [{ tenantId: 'acme' }, true],
  [{ deploymentId: 'chat' }, true],
  [{ tenantId: 'acme', deploymentId: 'chat' }, true],
  [{}, false],
  [{ tenantId: 'a b' }, false],
  [{ tenantId: 'acme', maxHourlyCost: -1 }, false],
  [{ tenantId: 'acme', name: '' }, false],
  [{ tenantId: 'acme', owner: 'me' }, false],
])('a budget of %j is accepted: %s', (changes, isAccepted) => {
  expect(budgetInputSchema.safeParse({ ...BUDGET, ...changes }).success).toBe(isAccepted);
});

test('whose budget it is cannot be changed', () => {
  expect(budgetPatchSchema.safeParse({ maxHourlyCost: 3 }).success).toBe(true);
  expect(budgetPatchSchema.safeParse({ tenantId: 'acme' }).success).toBe(false);
});
