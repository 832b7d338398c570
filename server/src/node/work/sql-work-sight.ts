import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { ClaimRequest } from '../lease-store.js';
import { TASK_MARK } from '../node-row.js';

/** The largest number of a slot that the column holds. */
export const SLOT_MAX = sql.raw('2147483647');

/** Whether the launch waits for a slot. */
export const QUEUED = sql`c.status = 'launching' and c.slot is null and c.cancel_requested_at is null`;

/**
 * Conditions of a claim: the row is free, for our orchestrator, and sealed with a key that this server has (decision 32),
 * unless it only has to be ended.
 */
export function claimable(request: ClaimRequest): SQL {
  return sql`(c.lease_until is null or c.lease_until < now()) and (c.not_before is null or c.not_before <= now())
    and c.orchestrator = ${request.orchestrator}
    and (c.secrets_key_id is null or c.secrets_key_id in (${request.secretsKeyId}, ${request.secretsKeyId + TASK_MARK}, ${TASK_MARK}) or c.cancel_requested_at is not null
      or c.status = 'terminating')`;
}

/**
 * Looks once at each row that work may concern, and changes, sorts and locks nothing: `claimable` as a boolean, and `queue` as
 * text. Positions follow from the launches that wait, the slots of each tenant, and when it was last served. A position also has to be
 * reported when its row becomes free, which its attempts show. See decision 203.
 */
export function lookStatement(request: ClaimRequest): SQL {
  return sql`select
      coalesce(bool_or(g.free and (not g.waits or taken.of_ours < ${request.maxRunning}::int)), false),
      case when bool_or(g.waits) then concat_ws(' ', sum(g.launches) filter (where g.waits),
        sum(g.launches) filter (where g.waits and g.free), sum(g.attempts) filter (where g.waits),
        sum(g.ids) filter (where g.waits), min(taken.slots), min(taken.of_ours),
        (select max(served_at) from tenant_turns)) end
    from (select w.waits, w.free, count(*) as launches, sum(w.attempt) as attempts, sum(uuid_hash(w.id)) as ids
      from (select c.id, c.attempt, ${QUEUED} as waits, ${claimable(request)} as free
        from nodes c where c.status in ('launching', 'terminating')) w group by w.waits, w.free) g,
      (select count(*) as slots, count(*) filter (where r.slot <= ${request.maxRunning}::int) as of_ours
        from nodes r where r.slot between 1 and ${SLOT_MAX}) taken`;
}
