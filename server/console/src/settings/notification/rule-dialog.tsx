import type { NotificationRule } from '@launchlog/sdk';
import { PROVIDERS } from '@launchlog/sdk';
import { notificationEventSchema } from '@launchlog/shared/notification';
import { useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { CheckList } from '../../ui/check-list.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { inputFault } from '../input-fault.js';
import { PlainChoice } from '../plain-choice.js';
import { PlainField } from '../plain-field.js';
import type { RuleDraft } from './rule-draft.js';
import { FIRST_DRAFT, draftOf, readDraft, readPatch } from './rule-draft.js';

const KINDS = ['slack', 'discord', 'webhook', 'email'] as const;
const LABELS = { name: 'Name', target: 'The address', events: 'When', deploymentId: 'Only this deployment' };

interface RuleDialogProps {
  /** Undefined: a new one. */
  readonly rule: NotificationRule | undefined;
  readonly onClose: () => void;
  /** `secret`: the signing key that was generated, if any. */
  readonly onSaved: (secret: string | undefined) => void;
}

/** Makes a rule, or changes one. */
export function RuleDialog({ rule, onClose, onSaved }: RuleDialogProps) {
  const client = useLaunchlogClient();
  const [draft, setDraft] = useState(rule === undefined ? FIRST_DRAFT : draftOf(rule));
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    if (rule !== undefined) {
      const patch = readPatch(draft, rule);
      if (!patch.success) return setProblem(inputFault(patch.error, LABELS));
      return onSaved((await client.notifications.updateRule(rule.id, patch.data)).secret);
    }
    const parsed = readDraft(draft);
    if (!parsed.success) return setProblem(inputFault(parsed.error, LABELS));
    return onSaved((await client.notifications.createRule(parsed.data)).secret);
  };
  const submit = () => {
    save().catch((error: unknown) => setProblem(`Not saved: ${problemText(error)}`));
  };
  const change = (patch: Partial<RuleDraft>) => setDraft({ ...draft, ...patch });
  return (
    <FormDialog
      title={rule === undefined ? 'New rule' : `Rule ${rule.name}`}
      action={rule === undefined ? 'Make the rule' : 'Save'}
      problem={problem}
      onSubmit={submit}
      onClose={onClose}
    >
      <RuleFields draft={draft} known={rule?.target.kind} onChange={change} />
    </FormDialog>
  );
}

interface RuleFieldsProps {
  readonly draft: RuleDraft;
  /** What the rule sends by now: its address stays where none is typed. */
  readonly known: RuleDraft['kind'] | undefined;
  readonly onChange: (patch: Partial<RuleDraft>) => void;
}

function RuleFields({ draft, known, onChange }: RuleFieldsProps) {
  const { kind } = draft;
  const stays = kind === known && kind !== 'email';
  return (
    <>
      <PlainField label="Name" focused value={draft.name} onChange={(name) => onChange({ name })} />
      <PlainChoice
        label="Send by"
        value={kind}
        values={KINDS}
        onChange={(next = kind) => onChange({ kind: next, to: '' })}
      />
      <PlainField
        label={kind === 'email' ? 'Addresses' : 'URL'}
        {...(stays && { hint: 'Empty: it stays as it is. It is a credential, so it is not shown.' })}
        value={draft.to}
        onChange={(to) => onChange({ to })}
      />
      <CheckList
        label="When"
        values={notificationEventSchema.options}
        chosen={new Set<string>(draft.events)}
        onChange={(events) => onChange({ events: [...events] })}
      />
      <PlainChoice
        label="Only this provider"
        value={draft.provider}
        values={PROVIDERS}
        all="All providers"
        onChange={(provider) => onChange({ provider: provider ?? '' })}
      />
      <PlainField
        label="Only this deployment"
        hint="Optional."
        value={draft.deploymentId}
        onChange={(deploymentId) => onChange({ deploymentId })}
      />
    </>
  );
}
