import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { DeliveryClaimRequest } from './notification-store.js';

/** Candidates that a claim considers before it locks one; deliveries that another server has locked are skipped. */
const CANDIDATES_PER_RULE = 4;
const CANDIDATES_MAX = 32;

/** Deliveries added by one statement, so that the first look after a long absence stays within its time limit. */
const FILL_MAX = 5_000;

/**
 * Adds the deliveries that enabled rules require and the outbox lacks. They are derived from the rows of the nodes, not
 * recorded by the server that ends a launch: so none is lost when that server dies in between, and no launch waits for
 * the outbox. See decision 70.
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
 * Selects and locks the id of the delivery to claim. Candidates are chosen without locks, a few from each rule, so that a
 * long queue of one rule is not scanned; the conditions are checked again on the locked row.
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

/** An array literal of PostgreSQL: drivers do not agree on how to pass an array. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => JSON.stringify(value)).join(',')}}`;
}
