import type { LaunchlogClient, NotificationDelivery, NotificationRule } from '@launchlog/sdk';
import { useCallback, useState } from 'react';
import { Link } from '../../router/link.js';
import { nodePath } from '../../router/route.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { Button } from '../../ui/button.js';
import { Choice } from '../../ui/choice.js';
import { Loading } from '../../ui/loading.js';
import { LoadFault } from '../load-fault.js';
import { Moment } from '../moment.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { SettingsTable } from '../settings-table.js';

const DELIVERIES_STEP = 50;
const PAGE_MAX = 500;
const COLUMNS = ['When', 'Rule', 'Event', 'Node', 'Status', ''] as const;
const STATUSES = ['pending', 'delivered', 'failed', 'dead'] as const;
type Status = (typeof STATUSES)[number];

/** The latest notifications, and what became of each. */
export function DeliveryTable({ rules }: { rules: readonly NotificationRule[] }) {
  const client = useLaunchlogClient();
  const [count, setCount] = useState(DELIVERIES_STEP);
  const [status, setStatus] = useState<Status>();
  const read = useCallback(
    (signal: AbortSignal) => latestDeliveries(client, { count, status }, signal),
    [client, count, status],
  );
  const { value, problem, reload } = useLoaded(read);
  const { busy, change } = useChange();
  const deliveries = value?.deliveries ?? [];
  return (
    <>
      <DeliveriesHead status={status} onStatus={setStatus} onReload={reload} />
      <LoadFault what="deliveries" problem={problem} isStale={value !== undefined} onRetry={reload} />
      {value === undefined && problem === undefined && <Loading what="deliveries" />}
      {value !== undefined && deliveries.length === 0 && (
        <p className="muted">
          {status === undefined ? 'Nothing has been sent yet.' : `No delivery is ${status}.`}
        </p>
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

interface DeliveriesHeadProps {
  readonly status: Status | undefined;
  readonly onStatus: (status: Status | undefined) => void;
  readonly onReload: () => void;
}

function DeliveriesHead({ status, onStatus, onReload }: DeliveriesHeadProps) {
  return (
    <div className="page-head">
      <h2>Deliveries</h2>
      <span className="spacer" />
      <Choice
        label="Status of deliveries"
        value={status}
        values={STATUSES}
        all="All statuses"
        onChange={onStatus}
      />
      <Button icon="retry" onClick={onReload}>
        Read again
      </Button>
    </div>
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

/** The newest ones, from as many pages as they need. */
async function latestDeliveries(
  client: Pick<LaunchlogClient, 'notifications'>,
  { count, status }: { readonly count: number; readonly status: Status | undefined },
  signal: AbortSignal,
) {
  const deliveries: NotificationDelivery[] = [];
  let nextCursor: string | undefined;
  do {
    const page = await client.notifications.deliveries(
      {
        limit: Math.min(PAGE_MAX, count - deliveries.length),
        ...(status !== undefined && { status: [status] }),
        ...(nextCursor !== undefined && { cursor: nextCursor }),
      },
      { signal },
    );
    deliveries.push(...page.deliveries);
    nextCursor = page.nextCursor;
  } while (nextCursor !== undefined && deliveries.length < count);
  return { deliveries, nextCursor };
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
