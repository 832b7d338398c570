import type { NotificationDelivery, NotificationRule } from '@launchlog/sdk';
import { useCallback, useMemo, useState } from 'react';
import { Link } from '../../router/link.js';
import { nodePath } from '../../router/route.js';
import { useUrl } from '../../router/url-store.js';
import { useStore } from '../../state/store.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { Button } from '../../ui/button.js';
import { Loading } from '../../time/loading.js';
import { LoadFault } from '../load-fault.js';
import { Moment } from '../moment.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { SettingsTable } from '../settings-table.js';
import { DeliveryFilters } from './delivery-filters.js';
import { deliveryView, isNarrowed, latestDeliveries } from './delivery-view.js';

const DELIVERIES_STEP = 50;
const COLUMNS = ['When', 'Rule', 'Event', 'Node', 'Status', ''] as const;

/** The latest notifications, and what became of each. */
export function DeliveryTable({ rules }: { rules: readonly NotificationRule[] }) {
  const client = useLaunchlogClient();
  const [count, setCount] = useState(DELIVERIES_STEP);
  const { search } = useStore(useUrl().store);
  const view = useMemo(() => deliveryView(search), [search]);
  const read = useCallback(
    (signal: AbortSignal) => latestDeliveries(client, { ...view, count }, signal),
    [client, count, view],
  );
  const loaded = useLoaded(read);
  const { value, problem, reload } = loaded;
  const { busy, change } = useChange();
  const deliveries = value?.deliveries ?? [];
  return (
    <>
      <DeliveryFilters view={view} rules={rules} onReload={reload} />
      <LoadFault what="deliveries" loaded={loaded} />
      {value === undefined && problem === undefined && <Loading what="deliveries" />}
      {value !== undefined && deliveries.length === 0 && (
        <p className="muted">{isNarrowed(view) ? 'No delivery matches.' : 'Nothing has been sent yet.'}</p>
      )}
      {deliveries.length > 0 && (
        <SettingsTable label="Deliveries" columns={COLUMNS} isLoading={false}>
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
      {value?.nextCursor !== undefined && (
        <MoreDeliveries shown={deliveries.length} onMore={() => setCount(count + DELIVERIES_STEP)} />
      )}
    </>
  );
}

function MoreDeliveries({ shown, onMore }: { shown: number; onMore: () => void }) {
  return (
    <div className="more-rows">
      <Button onClick={onMore}>Show more</Button>
      <span className="muted tabular">The newest {shown.toLocaleString('en-US')} are shown</span>
    </div>
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
