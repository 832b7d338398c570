import type { Budget } from '@launchlog/sdk';
import { useCallback, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { Button } from '../../ui/button.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { LoadFault } from '../load-fault.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { BudgetDialog } from './budget-dialog.js';
import { BudgetTable } from './budget-table.js';

/** Running costs change without any action here, so they are read again. */
const READ_EVERY_MS = 10_000;

/** What tenants and deployments may cost per hour, and what they cost now. */
export function BudgetSection() {
  const client = useLaunchlogClient();
  const loaded = useLoaded(
    useCallback((signal: AbortSignal) => client.budgets.list({ signal }), [client]),
    READ_EVERY_MS,
  );
  const { value, problem, reload } = loaded;
  const { busy, change } = useChange();
  const [edited, setEdited] = useState<Budget | 'new'>();
  const [removed, setRemoved] = useState<Budget>();
  return (
    <>
      <div className="page-head">
        <p className="muted">
          A launch that would exceed a budget is refused. What runs is left alone. At 80 % there is a warning.
        </p>
        <span className="spacer" />
        <Button look="primary" icon="plus" onClick={() => setEdited('new')}>
          New budget
        </Button>
      </div>
      <LoadFault what="budgets" loaded={loaded} />
      {(value !== undefined || problem === undefined) && (
        <BudgetTable budgets={value} busy={busy} onEdit={setEdited} onRemove={setRemoved} />
      )}
      {edited !== undefined && (
        <BudgetDialog
          budget={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onSaved={() => {
            setEdited(undefined);
            reload();
          }}
        />
      )}
      <RemoveQuestion
        budget={removed}
        onClose={() => setRemoved(undefined)}
        onRemove={({ id }) => change(() => client.budgets.remove(id).then(reload))}
      />
    </>
  );
}

interface RemoveQuestionProps {
  readonly budget: Budget | undefined;
  readonly onRemove: (budget: Budget) => void;
  readonly onClose: () => void;
}

function RemoveQuestion({ budget, onRemove, onClose }: RemoveQuestionProps) {
  if (budget === undefined) return undefined;
  return (
    <ConfirmDialog
      title="Remove this budget?"
      action="Remove"
      onClose={onClose}
      onConfirm={() => onRemove(budget)}
    >
      <p>
        <strong>{budget.name}</strong> will no longer limit launches.
      </p>
    </ConfirmDialog>
  );
}
