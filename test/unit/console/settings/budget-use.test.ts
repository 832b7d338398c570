import { expect, test } from 'vitest';
import { budgetUse } from '@launchlog/console/settings/budget/budget-use';
import type { Budget } from '@launchlog/sdk';

const at = '2026-03-01T12:00:00.000Z';
const budget: Budget = {
  id: '3f2b8c1e-5d1c-4d6c-9a0e-2f6b1c9e7a55',
  name: 'chat',
  maxHourlyCost: 10,
  tenantId: 'acme',
  hourlyCost: 0,
  level: 'within',
  createdBy: 'ops',
  createdAt: at,
  updatedAt: at,
};

test.each([
  [{}, 0, '0 %'],
  [{ hourlyCost: 7.999 }, 79, '79 %'],
  [{ hourlyCost: 8, level: 'warning' }, 80, '80 %'],
  [{ hourlyCost: 12, level: 'exceeded' }, 120, 'Exceeded: 120 %'],
  [{ hourlyCost: 5, level: 'exceeded' }, 50, 'A launch was refused'],
] as const)('a budget with %j is used by %i percent, and shows that', (changes, percent, label) => {
  expect(budgetUse({ ...budget, ...changes })).toEqual({ percent, label });
});
