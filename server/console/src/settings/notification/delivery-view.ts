import type { LaunchlogClient, NotificationDelivery } from '@launchlog/sdk';
import { DELIVERY_STATUSES } from '@launchlog/shared/notification';
import type { DeliveryStatus } from '@launchlog/shared/notification';

const PAGE_MAX = 500;

/** What the deliveries shown are narrowed to. It is part of the URL. */
export interface DeliveryView {
  readonly status: DeliveryStatus | undefined;
  /** The id of a rule, which may have been removed. */
  readonly ruleId: string | undefined;
  /** The id of a node; empty for all. */
  readonly nodeId: string;
}

export function deliveryView(search: URLSearchParams): DeliveryView {
  const ruleId = search.get('rule') ?? '';
  return {
    status: DELIVERY_STATUSES.find((each) => each === search.get('status')),
    ruleId: ruleId === '' ? undefined : ruleId,
    nodeId: search.get('node') ?? '',
  };
}

export function isNarrowed({ status, ruleId, nodeId }: DeliveryView): boolean {
  return status !== undefined || ruleId !== undefined || nodeId.trim() !== '';
}

/** The newest deliveries of a view, from as many pages as they need. */
export async function latestDeliveries(
  client: Pick<LaunchlogClient, 'notifications'>,
  { status, ruleId, nodeId, count }: DeliveryView & { readonly count: number },
  signal: AbortSignal,
) {
  const query = {
    ...(status !== undefined && { status: [status] }),
    ...(ruleId !== undefined && { ruleId }),
    ...(nodeId.trim() !== '' && { nodeId: nodeId.trim() }),
  };
  const deliveries: NotificationDelivery[] = [];
  let nextCursor: string | undefined;
  do {
    const cursor = nextCursor === undefined ? {} : { cursor: nextCursor };
    const limit = Math.min(PAGE_MAX, count - deliveries.length);
    const page = await client.notifications.deliveries({ ...query, ...cursor, limit }, { signal });
    deliveries.push(...page.deliveries);
    nextCursor = page.nextCursor;
  } while (nextCursor !== undefined && deliveries.length < count);
  return { deliveries, nextCursor };
}
