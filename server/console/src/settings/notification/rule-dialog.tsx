import { notificationEventSchema, notificationRuleInputSchema } from '@launchlog/shared/notification';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { useClient } from '../../session/client.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { PlainField } from '../plain-field.js';

const KINDS = ['slack', 'discord', 'webhook', 'email'] as const;
const FIRST_EVENTS = ['launch.failed', 'node.lost'];

interface RuleDialogProps {
  readonly onClose: () => void;
  /** `secret`: the signing key that was generated, if any. */
  readonly onCreated: (secret: string | undefined) => void;
}

export function RuleDialog({ onClose, onCreated }: RuleDialogProps) {
  const client = useClient();
  const [draft, setDraft] = useState({ name: '', kind: 'slack', to: '', deploymentId: '' });
  const [events, setEvents] = useState<ReadonlySet<string>>(new Set(FIRST_EVENTS));
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = readDraft({ ...draft, events: [...events] });
    const [fault] = parsed.error?.issues ?? [];
    if (parsed.data === undefined) return setProblem(`${fault?.path.join('.')}: ${fault?.message}`);
    client.notifications.createRule(parsed.data).then(
      ({ secret }) => onCreated(secret),
      (error: unknown) => setProblem(`Not made: ${problemText(error)}`),
    );
  };
  const field = (name: 'name' | 'to' | 'deploymentId') => ({
    value: draft[name],
    onChange: (value: string) => setDraft({ ...draft, [name]: value }),
  });
  return (
    <Dialog title="New rule" onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <div className="dialog-body fields-column">
          <PlainField label="Name" focused {...field('name')} />
          <KindChoice kind={draft.kind} onChange={(kind) => setDraft({ ...draft, kind })} />
          <PlainField label={draft.kind === 'email' ? 'Addresses' : 'URL'} {...field('to')} />
          <EventChoice events={events} onChange={setEvents} />
          <PlainField label="Only this deployment" hint="Optional." {...field('deploymentId')} />
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary">
            Make the rule
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

interface RuleDraft {
  readonly name: string;
  readonly kind: string;
  readonly to: string;
  readonly deploymentId: string;
  readonly events: readonly string[];
}

function readDraft({ name, kind, to, deploymentId, events }: RuleDraft) {
  const addresses = to.split(/[\s,;]+/).filter((address) => address !== '');
  return notificationRuleInputSchema.safeParse({
    name,
    target: kind === 'email' ? { kind, to: addresses } : { kind, url: to.trim() },
    events,
    ...(deploymentId !== '' && { deploymentId }),
  });
}

function KindChoice({ kind, onChange }: { kind: string; onChange: (kind: string) => void }) {
  return (
    <label>
      Send by{' '}
      <select className="select" value={kind} onChange={(event) => onChange(event.target.value)}>
        {KINDS.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}

interface EventChoiceProps {
  readonly events: ReadonlySet<string>;
  readonly onChange: (events: ReadonlySet<string>) => void;
}

function EventChoice({ events, onChange }: EventChoiceProps) {
  return (
    <fieldset className="menu-choices">
      <legend>When</legend>
      {notificationEventSchema.options.map((each) => (
        <label key={each} className="check">
          <input
            type="checkbox"
            checked={events.has(each)}
            onChange={() => {
              const next = new Set(events);
              if (!next.delete(each)) next.add(each);
              onChange(next);
            }}
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}
