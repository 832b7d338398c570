import type { NotificationRule } from '@launchlog/sdk';
import { Button } from '../../ui/button.js';
import { SettingsTable } from '../settings-table.js';

interface RuleTableProps {
  /** Undefined until they have arrived. */
  readonly rules: readonly NotificationRule[] | undefined;
  readonly busy: boolean;
  readonly onTest: (rule: NotificationRule) => void;
  readonly onEdit: (rule: NotificationRule) => void;
  readonly onSwitch: (rule: NotificationRule) => void;
  readonly onRemove: (rule: NotificationRule) => void;
}

export function RuleTable({ rules, busy, onTest, onEdit, onSwitch, onRemove }: RuleTableProps) {
  if (rules?.length === 0)
    return (
      <p className="muted">
        There are no rules yet. Make one to hear of failed launches and lost nodes at once.
      </p>
    );
  return (
    <SettingsTable
      label="Rules"
      columns={['Name', 'To', 'Events', 'Only', 'On', '']}
      isLoading={rules === undefined}
    >
      {(rules ?? []).map((rule) => (
        <tr key={rule.id}>
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
            <Button disabled={busy} onClick={() => onRemove(rule)}>
              Remove
            </Button>
          </td>
        </tr>
      ))}
    </SettingsTable>
  );
}

function Filter({ rule: { provider, deploymentId } }: { rule: NotificationRule }) {
  const named = [provider, deploymentId].filter((part) => part !== undefined);
  return named.length === 0 ? <span className="muted">all nodes</span> : named.join(', ');
}
