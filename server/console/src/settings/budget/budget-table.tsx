import type { Budget } from '@launchlog/sdk';
import { formatDollars } from '@launchlog/shared/cost/dollars';
import { deploymentPath } from '../../router/route.js';
import { Link } from '../../router/link.js';
import { Button } from '../../ui/button.js';
import { EmptySettings } from '../empty-settings.js';
import { Moment } from '../moment.js';
import { RowsTable } from '../rows-table.js';
import { useRows } from '../use-rows.js';
import { budgetUse } from './budget-use.js';

interface BudgetTableProps {
  /** Undefined until they have arrived. */
  readonly budgets: readonly Budget[] | undefined;
  readonly busy: boolean;
  readonly onEdit: (budget: Budget) => void;
  readonly onRemove: (budget: Budget) => void;
}

const textOf = ({ id, name, tenantId, deploymentId, level, createdBy }: Budget) =>
  [id, name, tenantId, deploymentId, level, createdBy].join(' ');

export function BudgetTable({ budgets, busy, onEdit, onRemove }: BudgetTableProps) {
  const rows = useRows(budgets, textOf);
  if (budgets?.length === 0)
    return (
      <EmptySettings command="budgets set chat --deployment chat --max-hourly-cost 20">
        There are no budgets yet. Make one to limit what a tenant or a deployment costs per hour.
      </EmptySettings>
    );
  return (
    <RowsTable
      rows={rows}
      label="Budgets"
      columns={['Name', 'Of', 'Runs now', 'State', 'Created', '']}
      isLoading={budgets === undefined}
      row={(budget) => (
        <BudgetRow key={budget.id} budget={budget} busy={busy} onEdit={onEdit} onRemove={onRemove} />
      )}
    />
  );
}

type BudgetRowProps = Pick<BudgetTableProps, 'busy' | 'onEdit' | 'onRemove'> & { readonly budget: Budget };

function BudgetRow({ budget, busy, onEdit, onRemove }: BudgetRowProps) {
  return (
    <tr>
      <th scope="row">{budget.name}</th>
      <td>
        <Owner budget={budget} />
      </td>
      <td>
        <Use budget={budget} />
      </td>
      <td>
        <Level budget={budget} />
      </td>
      <td>
        <Moment at={budget.createdAt} never="" /> <span className="muted">by {budget.createdBy}</span>
      </td>
      <td className="row-actions">
        <Button disabled={busy} onClick={() => onEdit(budget)}>
          Edit
        </Button>
        <Button disabled={busy} onClick={() => onRemove(budget)}>
          Remove
        </Button>
      </td>
    </tr>
  );
}

function Owner({ budget: { tenantId, deploymentId } }: { budget: Budget }) {
  return (
    <>
      {deploymentId !== undefined && (
        <span>
          deployment <Link to={deploymentPath(deploymentId)}>{deploymentId}</Link>
        </span>
      )}
      {tenantId !== undefined && (
        <span className={deploymentId === undefined ? undefined : 'sub'}>tenant {tenantId}</span>
      )}
    </>
  );
}

function Use({ budget }: { budget: Budget }) {
  const { percent } = budgetUse(budget);
  return (
    <>
      <span className="tabular">
        {formatDollars(budget.hourlyCost)} of {formatDollars(budget.maxHourlyCost)} per hour
      </span>
      <span className="budget-use">
        <span
          className={`budget-fill budget-${budget.level}`}
          style={{ width: `${Math.min(100, percent)}%` }}
        />
      </span>
    </>
  );
}

const PILLS = { within: 'active', warning: 'degraded', exceeded: 'failed' } as const;

function Level({ budget }: { budget: Budget }) {
  return (
    <span className={`pill pill-${PILLS[budget.level]}`}>
      <span className="pill-dot" aria-hidden="true" />
      {budgetUse(budget).label}
    </span>
  );
}
