import type { LaunchlogClient, NotificationRule } from '@launchlog/sdk';
import { useCallback, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useToasts } from '../../toast/toast-store.js';
import { Button } from '../../ui/button.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { ShownOnceDialog } from '../../toast/shown-once-dialog.js';
import { LoadFault } from '../load-fault.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { DeliveryTable } from './delivery-table.js';
import { RuleDialog } from './rule-dialog.js';
import { RuleTable } from './rule-table.js';

/** The rules of notifications, and their deliveries. */
export function NotificationSection() {
  const client = useLaunchlogClient();
  const toasts = useToasts();
  const read = useCallback((signal: AbortSignal) => client.notifications.listRules({ signal }), [client]);
  const loaded = useLoaded(read);
  const { value: rules, problem, reload } = loaded;
  const { busy, change } = useChange();
  const [edited, setEdited] = useState<NotificationRule | 'new'>();
  const [removed, setRemoved] = useState<NotificationRule>();
  const [secret, setSecret] = useState<string>();
  const test = (rule: NotificationRule) => change(async () => toasts.show(await sentTest(client, rule)));
  const rotate = ({ id }: NotificationRule) =>
    change(async () => setSecret((await client.notifications.rotateSecret(id)).secret));
  return (
    <>
      <RulesHead onNew={() => setEdited('new')} />
      <LoadFault what="rules" loaded={loaded} />
      <RuleTable
        rules={rules}
        isLoading={problem === undefined}
        busy={busy}
        onTest={test}
        onEdit={setEdited}
        onRotate={rotate}
        onRemove={setRemoved}
        onSwitch={({ id, enabled }) =>
          change(() => client.notifications.updateRule(id, { enabled: !enabled }).then(reload))
        }
      />
      <DeliveryTable rules={rules ?? []} />
      <EditedRule
        edited={edited}
        onClose={() => setEdited(undefined)}
        onSaved={(made) => {
          setEdited(undefined);
          setSecret(made);
          reload();
        }}
      />
      <KeyShown secret={secret} onClose={() => setSecret(undefined)} />
      <RemoveQuestion
        rule={removed}
        onClose={() => setRemoved(undefined)}
        onRemove={({ id }) => change(() => client.notifications.removeRule(id).then(reload))}
      />
    </>
  );
}

async function sentTest(client: Pick<LaunchlogClient, 'notifications'>, { id, name }: NotificationRule) {
  const { delivered, message } = await client.notifications.testRule(id);
  return { tone: delivered ? ('success' as const) : ('error' as const), text: `${name}: ${message}` };
}

interface EditedRuleProps {
  readonly edited: NotificationRule | 'new' | undefined;
  readonly onClose: () => void;
  readonly onSaved: (secret: string | undefined) => void;
}

function EditedRule({ edited, ...rest }: EditedRuleProps) {
  if (edited === undefined) return undefined;
  return <RuleDialog rule={edited === 'new' ? undefined : edited} {...rest} />;
}

function KeyShown({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  if (secret === undefined) return undefined;
  const text =
    'Your receiver checks signatures with it. It is shown only now. A former key signs for 24 more hours.';
  return <ShownOnceDialog title="The signing key" text={text} secret={secret} onClose={onClose} />;
}

interface RemoveQuestionProps {
  readonly rule: NotificationRule | undefined;
  readonly onRemove: (rule: NotificationRule) => void;
  readonly onClose: () => void;
}

function RemoveQuestion({ rule, onRemove, onClose }: RemoveQuestionProps) {
  if (rule === undefined) return undefined;
  return (
    <ConfirmDialog
      title="Remove this rule?"
      action="Remove"
      onClose={onClose}
      onConfirm={() => onRemove(rule)}
    >
      <p>
        <strong>{rule.name}</strong> sends nothing any more.
      </p>
    </ConfirmDialog>
  );
}

function RulesHead({ onNew }: { onNew: () => void }) {
  return (
    <div className="page-head">
      <h2>Rules</h2>
      <span className="spacer" />
      <Button look="primary" icon="plus" onClick={onNew}>
        New rule
      </Button>
    </div>
  );
}
