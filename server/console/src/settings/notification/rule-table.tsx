import type { NotificationRule } from '@launchlog/sdk';
import { Button } from '../../ui/button.js';
import { RowsTable } from '../rows-table.js';
import { useRows } from '../use-rows.js';

interface RuleTableProps {
  /** Undefined until they have arrived. */
  readonly rules: readonly NotificationRule[] | undefined;
  /** They are on their way. */
  readonly isLoading: boolean;
  readonly busy: boolean;
  readonly onTest: (rule: NotificationRule) => void;
  readonly onEdit: (rule: NotificationRule) => void;
  readonly onSwitch: (rule: NotificationRule) => void;
  /** Gives a webhook another signing key. */
  readonly onRotate: (rule: NotificationRule) => void;
  readonly onRemove: (rule: NotificationRule) => void;
}

const textOf = ({ id, name, target, events, provider, deploymentId, enabled }: NotificationRule) =>
  [
    id,
    name,
    target.kind,
    provider,
    deploymentId,
    enabled ? 'on' : 'off',
    ...events,
    ...('to' in target ? target.to : [target.url]),
  ].join(' ');

export function RuleTable(props: RuleTableProps) {
  const { rules, isLoading, busy, onTest, onEdit, onSwitch, onRotate, onRemove } = props;
  const rows = useRows(rules, textOf);
  if (rules === undefined && !isLoading) return undefined;
  if (rules?.length === 0)
    return (
      <p className="muted">
        There are no rules yet. Make one to hear of failed launches and lost nodes at once.
      </p>
    );
  return (
    <RowsTable
      rows={rows}
      label="Rules"
      columns={['Name', 'To', 'Events', 'Only', 'On', '']}
      isLoading={rules === undefined}
      row={(rule) => (
        <RuleRow
          key={rule.id}
          rule={rule}
          busy={busy}
          onTest={onTest}
          onEdit={onEdit}
          onSwitch={onSwitch}
          onRotate={onRotate}
          onRemove={onRemove}
        />
      )}
    />
  );
}

type RuleRowProps = Pick<
  RuleTableProps,
  'busy' | 'onTest' | 'onEdit' | 'onSwitch' | 'onRotate' | 'onRemove'
> & {
  readonly rule: NotificationRule;
};

function RuleRow({ rule, busy, onTest, onEdit, onSwitch, onRotate, onRemove }: RuleRowProps) {
  return (
    <tr>
      <th scope="row">{rule.name}</th>
      <td>
        {rule.target.kind}
        <span className="sub">{'to' in rule.target ? rule.target.to.join(', ') : rule.target.url}</span>
      </td>
      <td>{rule.events.join(', ')}</td>
      <td>
        <Filter rule={rule} />
      </td>
      <td>
        <input
          type="checkbox"
          aria-label={`${rule.name} is on`}
          checked={rule.enabled}
          disabled={busy}
          onChange={() => onSwitch(rule)}
        />
      </td>
      <td className="row-actions">
        <Button disabled={busy} onClick={() => onTest(rule)}>
          Send test
        </Button>
        <Button disabled={busy} onClick={() => onEdit(rule)}>
          Edit
        </Button>
        {rule.target.kind === 'webhook' && (
          <Button disabled={busy} onClick={() => onRotate(rule)}>
            New key
          </Button>
        )}
        <Button disabled={busy} onClick={() => onRemove(rule)}>
          Remove
        </Button>
      </td>
    </tr>
  );
}

function Filter({ rule: { provider, deploymentId } }: { rule: NotificationRule }) {
  const named = [provider, deploymentId].filter((part) => part !== undefined);
  return named.length === 0 ? <span className="muted">all nodes</span> : named.join(', ');
}
