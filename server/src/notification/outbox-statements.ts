import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { DeliveryClaimRequest } from './notification-store.js';

/** Candidates a claim looks at before it locks one: what other servers have just taken is passed over. */
const CANDIDATES_PER_RULE = 4;
const CANDIDATES_MAX = 32;

/** Deliveries made by one statement: a first look after a long absence must not run into its time limit. */
export const FILL_MAX = 5_000;

/**
 * What enabled rules have to tell and the outbox does not hold. It is read from the rows of the nodes and not noted by
 * whoever ends a launch: so nothing is lost when that server ends in between, and nothing here can hold up a launch.
 */
export function fillStatement(lookbackMs: number): SQL {
  return sql`
    insert into notification_deliveries (id, rule_id, node_id, event)
    select gen_random_uuid(), r.id, h.node_id, h.event
    from (
      select n.id as node_id, n.provider, n.deployment_id, n.ended_at as happened_at,
        case when n.phase <> 'failed' then 'launch.active'
          when n.failure_reason = 'cancelled' then 'launch.cancelled' else 'launch.failed' end as event
      from nodes n where n.ended_at > now() - ${milliseconds(lookbackMs)}
      union all
      select n.id, n.provider, n.deployment_id, now(), 'launch.stalled'
      from nodes n where n.stalled and n.status = 'launching'
    ) h
    join notification_rules r on r.enabled and r.active_since <= h.happened_at and r.events ? h.event
      and (r.provider is null or r.provider = h.provider)
      and (r.deployment_id is null or r.deployment_id = h.deployment_id)
    where not exists (select from notification_deliveries d
      where d.rule_id = r.id and d.node_id = h.node_id and d.event = h.event)
    limit ${FILL_MAX}
    on conflict on constraint notification_deliveries_once do nothing
    returning id`;
}

/**
 * The id of the delivery to claim, locked. The candidates are chosen without locks, a few of each rule, so that one
 * rule's long queue is not read through; the conditions are asked again of the row that is locked.
 */
export function claimStatement(request: DeliveryClaimRequest): SQL {
  return sql`(
    select d.id from notification_deliveries d
    where ${isDue()} and d.id in (
      select c.id from notification_rules r
      cross join lateral (
        select d.id, d.next_attempt_at from notification_deliveries d
        where d.rule_id = r.id and ${isDue()}
        order by d.next_attempt_at, d.id limit ${CANDIDATES_PER_RULE}
      ) c
      where r.enabled and not r.id = any(${textArray(request.exceptRules)}::uuid[])
        and not r.target_host = any(${textArray(request.exceptHosts)}::text[])
      order by c.next_attempt_at, c.id limit ${CANDIDATES_MAX}
    )
    order by d.next_attempt_at, d.id limit 1 for update skip locked)`;
}

function isDue(): SQL {
  return sql`d.status in ('pending', 'failed') and d.next_attempt_at <= now()
    and (d.lease_until is null or d.lease_until <= now())`;
}

export function milliseconds(ms: number): SQL {
  return sql`${ms}::float8 * interval '1 millisecond'`;
}

/** As PostgreSQL writes an array: drivers do not agree on how to pass one. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => JSON.stringify(value)).join(',')}}`;
}
