import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodePageCursor } from '../node-list-cursor.js';
import type { NodeFilter } from '../node-filter.js';
import { afterCursor, all, filterConditions } from '../sql-node-filter.js';
import type { NodeOrder } from '../sql-node-order.js';

interface StatusPage {
  /** By status. */
  readonly order: NodeOrder;
  readonly cursor: NodePageCursor | undefined;
  /** The statuses that are listed. */
  readonly status: NodeFilter['status'];
  readonly limit: number;
}

/** The year 5: no node is older. */
const EARLIEST_SECONDS = -62_000_000_000;

/**
 * A table with the first nodes of each status, among which is the page: an index has the nodes of one status in their order, and
 * finds each status that there is, also one of a newer release. The status is in the order of each, and not known to be one, so that no
 * other index has this order: how many nodes have a status is not known when a statement is planned.
 */
export function firstOfEachStatus({ order, cursor, status, limit }: StatusPage): SQL {
  const tie = sql.raw(order.descending ? 'desc' : 'asc');
  const after =
    cursor === undefined ? sql`` : sql`and ${afterCursor(order, cursor)} and ${boundOf(order, cursor)}`;
  return sql`(with recursive statuses (status) as (
      (select status from node_listing order by status limit 1)
      union all
      select (select l.status from node_listing l where l.status > s.status order by l.status limit 1)
      from statuses s where s.status is not null)
    select first.* from (select l.status from statuses l where ${all(filterConditions({ status }, []))}) there cross join lateral (
      select * from node_listing l where l.status = any(array[there.status]) ${after}
      order by l.status desc, l.created_at desc, l.node_id ${tie} limit ${limit}) first)`;
}

/** What follows from `afterCursor` for an index: all nodes of later statuses, none of earlier ones. */
function boundOf(order: NodeOrder, { values }: NodePageCursor): SQL {
  const rank = order.keys[0]?.value ?? sql`0`;
  const [cursorRank, created] = values;
  const later = sql.raw(order.descending ? '<' : '>');
  return sql`l.created_at <= (select case when ${rank} = ${cursorRank}::int then ${timeOf(created)}
    when ${rank} ${later} ${cursorRank}::int then 'infinity' else '-infinity' end from (select there.status) l)`;
}

/** From the value of a cursor: a time, or how many milliseconds it is before 1970. One millisecond later is as good. */
function timeOf(created: string | number | boolean | undefined): SQL {
  if (typeof created !== 'number') return sql`${created}::timestamptz`;
  return sql`to_timestamp(${Math.max(EARLIEST_SECONDS, (1 - created) / 1000)}::float8)`;
}
