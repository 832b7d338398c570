import type { Budget } from '@launchlog/sdk';

interface BudgetUse {
  /** Whole percent of the limit; more than 100 where it is exceeded. */
  readonly percent: number;
  /** For people. A budget is also exceeded for some minutes after it refused a launch, whatever runs. */
  readonly label: string;
}

/** How much of a budget runs now. */
export function budgetUse({ hourlyCost, maxHourlyCost, level }: Budget): BudgetUse {
  const percent = Math.floor((100 * hourlyCost) / maxHourlyCost);
  if (level === 'exceeded')
    return { percent, label: percent > 100 ? `Exceeded: ${percent} %` : 'A launch was refused' };
  return { percent, label: `${percent} %` };
}
