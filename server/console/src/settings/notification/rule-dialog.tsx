import type { NotificationRule } from '@launchlog/sdk';
import { PROVIDERS } from '@launchlog/sdk';
import { notificationEventSchema } from '@launchlog/shared/notification';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { useClient } from '../../session/client.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { inputFault } from '../input-fault.js';
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
  const client = useClient();
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save().catch((error: unknown) => setProblem(`Not saved: ${problemText(error)}`));
  };
  const change = (patch: Partial<RuleDraft>) => setDraft({ ...draft, ...patch });
  return (
    <Dialog title={rule === undefined ? 'New rule' : `Rule ${rule.name}`} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <div className="dialog-body fields-column">
          <RuleFields draft={draft} known={rule?.target.kind} onChange={change} />
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary">
            {rule === undefined ? 'Make the rule' : 'Save'}
          </Button>
        </footer>
      </form>
    </Dialog>
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
      <Choice
        label="Send by"
        value={kind}
        values={KINDS}
        onChange={(next) => onChange({ kind: KINDS.find((each) => each === next) ?? kind, to: '' })}
      />
      <PlainField
        label={kind === 'email' ? 'Addresses' : 'URL'}
        {...(stays && { hint: 'Empty: it stays as it is. It is a credential, so it is not shown.' })}
        value={draft.to}
        onChange={(to) => onChange({ to })}
      />
      <EventChoice events={draft.events} onChange={(events) => onChange({ events })} />
      <Choice
        label="Only this provider"
        value={draft.provider}
        values={PROVIDERS}
        all="All providers"
        onChange={(provider) => onChange({ provider })}
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

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly values: readonly string[];
  /** The label of the empty choice; without it there is none. */
  readonly all?: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, values, all, onChange }: ChoiceProps) {
  return (
    <label>
      {label}{' '}
      <select className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        {all !== undefined && <option value="">{all}</option>}
        {values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}

interface EventChoiceProps {
  readonly events: readonly string[];
  readonly onChange: (events: readonly string[]) => void;
}

function EventChoice({ events, onChange }: EventChoiceProps) {
  return (
    <fieldset className="menu-choices">
      <legend>When</legend>
      {notificationEventSchema.options.map((each) => (
        <label key={each} className="check">
          <input
            type="checkbox"
            checked={events.includes(each)}
            onChange={() =>
              onChange(events.includes(each) ? events.filter((other) => other !== each) : [...events, each])
            }
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}
