import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { DeliveryClaimRequest } from './notification-store.js';

/** Candidates that a claim considers before it locks one; deliveries that another server has locked are skipped. */
const CANDIDATES_PER_RULE = 4;
const CANDIDATES_MAX = 32;

/** Deliveries added by one statement, so that other statements need not wait long after a long absence; fewer where all of them wait. */
const FILL_MAX = 1_000;
const SCANNED_FILL_MAX = 250;

/** The end of a lease without an owner. It keeps servers of 0.1.0, which do not know the event, away from the delivery. */
const RESERVED = sql.raw(`'9999-01-01'::timestamptz`);

/**
 * The name of a node's event in rules; null for events without rules. `unknown` health is neither worse nor better: the
 * health before it counts. A relaunch by a person has no rule.
 */
const NODE_EVENT = sql.raw(`case e.kind
    when 'health' then (select case
        when e.details ->> 'health' in ('degraded', 'unreachable')
          and e.details ->> 'health' is distinct from b.health then 'node.degraded'
        when e.details ->> 'health' = 'healthy' and b.health in ('degraded', 'unreachable') then 'node.recovered' end
      from (select (select p.details ->> 'health' from node_events p
        where p.node_id = e.node_id and p.seq < e.seq and p.kind = 'health' and p.details ->> 'health' <> 'unknown'
        order by p.seq desc limit 1) as health) b)
    when 'relaunched' then case when e.details ->> 'reason' = 'lost' then 'node.relaunched' end
    else 'node.' || e.kind end`);

/**
 * Adds the deliveries that enabled rules require and the outbox lacks. They are derived from the rows of the nodes and
 * their events, not recorded by the server that ends a launch: so none is lost when that server dies in between, and no launch waits for
 * the outbox. See decision 70.
 */
export function fillStatement(sinceMs: number, untilMs?: number, scanRowsMax?: number): SQL {
  const most = scanRowsMax === undefined ? FILL_MAX : Math.min(SCANNED_FILL_MAX, scanRowsMax);
  // With an end even where there is none: a table that is not analysed is read as a whole for what is only later than a time.
  const until = untilMs === undefined ? sql`'infinity'` : sql`now() - ${milliseconds(untilMs)}`;
  const happened = (at: SQL) => sql`${at} > now() - ${milliseconds(sinceMs)} and ${at} <= ${until}`;
  return sql`
    insert into notification_deliveries (id, rule_id, node_id, event, occurrence, lease_until)
    select gen_random_uuid(), r.id, h.node_id, h.event, h.occurrence,
      case when h.event not like 'launch.%' then ${RESERVED} end
    from (
      select n.id as node_id, n.provider, n.deployment_id, n.ended_at as happened_at, 0 as occurrence,
        case when n.phase <> 'failed' then 'launch.active'
          when n.failure_reason = 'cancelled' then 'launch.cancelled' else 'launch.failed' end as event
      from nodes n where ${happened(sql`n.ended_at`)}
      union all
      select n.id, n.provider, n.deployment_id, now(), 0, 'launch.stalled'
      from nodes n where n.stalled and n.status = 'launching' and ${untilMs === undefined}
      union all
      select n.id, n.provider, n.deployment_id, e.at, e.seq, ${NODE_EVENT}
      from node_events e join nodes n on n.id = e.node_id
      where ${happened(sql`e.at`)} and e.kind in ('health', 'idle', 'lost', 'relaunched', 'terminated')
      union all
      select i.id, i.provider, i.deployment_id, i.at, 0, i.event
      from notices i where ${happened(sql`i.at`)}
    ) h
    join notification_rules r on r.enabled and r.active_since <= h.happened_at and r.events ? h.event
      and (r.provider is null or r.provider = h.provider)
      and (r.deployment_id is null or r.deployment_id = h.deployment_id)
    -- Looked up one by one: a table that is not analysed would be joined as a whole.
    where (select true from notification_deliveries d where d.rule_id = r.id and d.node_id = h.node_id and d.event = h.event
      and d.occurrence = h.occurrence limit 1) is null
    limit ${most}
    on conflict on constraint notification_deliveries_once do nothing
    returning id`;
}

/** Whether a rule is enabled, and whether a delivery of such a rule is due: two booleans. */
export function lookStatement(): SQL {
  return sql`select count(*) > 0, coalesce(bool_or(exists(
      select from notification_deliveries d where d.rule_id = r.id and ${isDue()})), false)
    from notification_rules r where r.enabled`;
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
    and (d.lease_until is null or d.lease_until <= now() or (d.lease_id is null and d.lease_until = ${RESERVED}))`;
}

export function milliseconds(ms: number): SQL {
  return sql`${ms}::float8 * interval '1 millisecond'`;
}

/** An array literal of PostgreSQL: drivers do not agree on how to pass an array. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => JSON.stringify(value)).join(',')}}`;
}
