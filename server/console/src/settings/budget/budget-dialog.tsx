import type { Budget } from '@launchlog/sdk';
import { budgetInputSchema, budgetPatchSchema } from '@launchlog/shared/cost/budget';
import { useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { FormDialog } from '../../ui/form-dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { inputFault } from '../input-fault.js';
import { PlainField } from '../plain-field.js';

interface BudgetDialogProps {
  /** Undefined: a new one. */
  readonly budget: Budget | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const LABELS = {
  name: 'Name',
  maxHourlyCost: 'US dollars per hour',
  tenantId: 'Tenant',
  deploymentId: 'Deployment',
};

interface BudgetDraft {
  readonly name: string;
  readonly maxHourlyCost: string;
  readonly tenantId: string;
  readonly deploymentId: string;
}

/** Makes a budget, or changes the name and the limit of one. */
export function BudgetDialog({ budget, onClose, onSaved }: BudgetDialogProps) {
  const client = useLaunchlogClient();
  const [draft, setDraft] = useState<BudgetDraft>({
    name: budget?.name ?? '',
    maxHourlyCost: budget === undefined ? '' : String(budget.maxHourlyCost),
    tenantId: '',
    deploymentId: '',
  });
  const [problem, setProblem] = useState<string>();
  const save = (): PromiseLike<unknown> | undefined => {
    const read = readDraft(draft, budget === undefined);
    if (!read.success) setProblem(inputFault(read.error, LABELS));
    else if (budget !== undefined) return client.budgets.update(budget.id, read.data);
    else return client.budgets.create(read.data);
    return undefined;
  };
  const submit = () => {
    save()?.then(onSaved, (error: unknown) => setProblem(`Not saved: ${problemText(error)}`));
  };
  return (
    <FormDialog
      title={budget === undefined ? 'New budget' : `Budget ${budget.name}`}
      action={budget === undefined ? 'Make the budget' : 'Save'}
      problem={problem}
      onSubmit={submit}
      onClose={onClose}
    >
      <BudgetFields
        draft={draft}
        isNew={budget === undefined}
        onChange={(patch) => setDraft({ ...draft, ...patch })}
      />
    </FormDialog>
  );
}

interface BudgetFieldsProps {
  readonly draft: BudgetDraft;
  /** The tenant or deployment of a budget cannot change. */
  readonly isNew: boolean;
  readonly onChange: (patch: Partial<BudgetDraft>) => void;
}

function BudgetFields({ draft, isNew, onChange }: BudgetFieldsProps) {
  const field = (name: keyof BudgetDraft) => ({
    label: LABELS[name],
    value: draft[name],
    onChange: (value: string) => onChange({ [name]: value }),
  });
  return (
    <>
      <PlainField focused {...field('name')} />
      <PlainField hint="For all that runs at the same time." {...field('maxHourlyCost')} />
      {isNew && (
        <>
          <PlainField hint="A tenant, a deployment, or both: a tenant's deployment." {...field('tenantId')} />
          <PlainField {...field('deploymentId')} />
        </>
      )}
    </>
  );
}

function readDraft(draft: BudgetDraft, isNew: boolean) {
  const { name, maxHourlyCost: typed } = draft;
  const values = { name, maxHourlyCost: typed.trim() === '' ? undefined : Number(typed) };
  return isNew
    ? budgetInputSchema.safeParse({ ...values, ...ownerOf(draft) })
    : budgetPatchSchema.required().safeParse(values);
}

function ownerOf({ tenantId, deploymentId }: BudgetDraft) {
  return {
    ...(tenantId.trim() !== '' && { tenantId: tenantId.trim() }),
    ...(deploymentId.trim() !== '' && { deploymentId: deploymentId.trim() }),
  };
}
