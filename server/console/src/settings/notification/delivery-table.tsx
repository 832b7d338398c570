import type { NotificationDelivery, NotificationRule } from '@launchlog/sdk';
import { useCallback } from 'react';
import { Link } from '../../router/link.js';
import { nodePath } from '../../router/route.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { Button } from '../../ui/button.js';
import { Moment } from '../moment.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { SettingsTable } from '../settings-table.js';

const DELIVERIES_SHOWN = 50;

/** The latest notifications, and what became of each. */
export function DeliveryTable({ rules }: { rules: readonly NotificationRule[] }) {
  const client = useLaunchlogClient();
  const { value, problem, reload } = useLoaded(
    useCallback(
      (signal: AbortSignal) => client.notifications.deliveries({ limit: DELIVERIES_SHOWN }, { signal }),
      [client],
    ),
  );
  const { busy, change } = useChange();
  const deliveries = value?.deliveries ?? [];
  return (
    <>
      <div className="page-head">
        <h2>Deliveries</h2>
        <span className="spacer" />
        <Button icon="retry" onClick={reload}>
          Read again
        </Button>
      </div>
      {problem !== undefined && <p className="muted">The deliveries cannot be shown: {problem}</p>}
      {value !== undefined && deliveries.length === 0 && <p className="muted">Nothing has been sent yet.</p>}
      {deliveries.length > 0 && (
        <SettingsTable
          label="Deliveries"
          columns={['When', 'Rule', 'Event', 'Node', 'Status', '']}
          isLoading={false}
        >
          {deliveries.map((delivery) => (
            <DeliveryRow
              key={delivery.id}
              delivery={delivery}
              rule={rules.find(({ id }) => id === delivery.ruleId)}
              busy={busy}
              onResend={() => change(() => client.notifications.resend(delivery.id).then(reload))}
            />
          ))}
        </SettingsTable>
      )}
    </>
  );
}

interface DeliveryRowProps {
  readonly delivery: NotificationDelivery;
  /** Undefined if it was removed since. */
  readonly rule: NotificationRule | undefined;
  readonly busy: boolean;
  readonly onResend: () => void;
}

function DeliveryRow({ delivery, rule, busy, onResend }: DeliveryRowProps) {
  const { ruleId, event, nodeId, status, attempt, error, createdAt } = delivery;
  return (
    <tr>
      <td>
        <Moment at={createdAt} never="" />
      </td>
      <td>{rule?.name ?? ruleId.slice(0, 8)}</td>
      <td>{event}</td>
      <td>{nodeId !== undefined && <Link to={nodePath(nodeId)}>{nodeId.slice(0, 8)}</Link>}</td>
      <td>
        {status}
        {error !== undefined && <span className="sub">{`${error} (attempt ${attempt})`}</span>}
      </td>
      <td className="row-actions">
        <Button disabled={busy} onClick={onResend}>
          Resend
        </Button>
      </td>
    </tr>
  );
}
