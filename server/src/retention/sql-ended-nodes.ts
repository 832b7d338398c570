import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';

const GONE = new SqlColumns(z.object({ gone: z.int() }), { gone: 'count(*)::int' });

/**
 * Removes nodes that ended long ago, in one statement with their events and deliveries. The rows hold the request, the attempts
 * and the evidence of a failure. A node stays while something about it is still to be delivered or archived. The file of an
 * archived log has its own age, and its record goes after it.
 */
export async function expireEndedNodes(database: SqlDatabase, days: number, most: number): Promise<number> {
  const row = await GONE.first(
    database,
    `with ended as (
       select id from nodes n
       where status in ('failed', 'terminated') and updated_at < now() - interval '1 day' * $1::float8
         and coalesce(terminated_at, ended_at, updated_at) < now() - interval '1 day' * $1::float8
         and not exists (select from log_archives a where a.node_id = n.id and a.status = 'pending')
         and not exists (select from notification_deliveries d where d.node_id = n.id and d.status in ('pending', 'failed'))
       order by updated_at, id limit $2::int for update skip locked),
     events as (delete from node_events where node_id in (select id from ended)),
     deliveries as (delete from notification_deliveries where node_id in (select id from ended)),
     archives as (delete from log_archives where status in ('missing', 'deleted') and node_id in (select id from ended)),
     -- Looks at all records, so only once a sweep: in its last statement.
     orphans as (delete from log_archives where (select count(*) from ended) < $2::int and node_id in (
       select node_id from log_archives a where a.status in ('missing', 'deleted')
         and not exists (select from nodes n where n.id = a.node_id) limit 1000)),
     removed as (delete from nodes where id in (select id from ended) returning id)
     select ${GONE.list} from removed`,
    [days, most],
  );
  return row?.gone ?? 0;
}
