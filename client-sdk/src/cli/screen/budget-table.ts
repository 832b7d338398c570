import type { Budget } from '@launchlog/shared/cost/budget';
import { localTime } from './local-time.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { textTable } from './text-table.js';

const COLUMNS = ['NAME', 'TENANT', 'DEPLOYMENT', 'LIMIT/H', 'NOW/H', 'USED', 'LEVEL'] as const;
const WIDE_COLUMNS = [...COLUMNS, 'ID', 'CREATED', 'BY'] as const;

/** `wide` adds the id and who made the budget when. */
export function budgetTable(budgets: readonly Budget[], style: Style, wide: boolean): string {
  const rows = budgets.map((budget) => {
    const { name, tenantId = '', deploymentId = '', maxHourlyCost, hourlyCost, level } = budget;
    const paint = { within: undefined, warning: style.yellow, exceeded: style.red }[level];
    return [
      { text: neutralise(name, false) },
      { text: neutralise(tenantId, false) },
      { text: neutralise(deploymentId, false) },
      { text: dollars(maxHourlyCost) },
      { text: dollars(hourlyCost) },
      { text: `${Math.floor((100 * hourlyCost) / maxHourlyCost)}%` },
      { text: level, paint: paint?.bind(style) },
      ...(wide
        ? [
            { text: budget.id },
            { text: localTime(budget.createdAt) },
            { text: neutralise(budget.createdBy, false) },
          ]
        : []),
    ];
  });
  return textTable(wide ? WIDE_COLUMNS : COLUMNS, rows, style);
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
