import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';

const GONE = new SqlColumns(z.object({ gone: z.int() }), { gone: 'count(*)::int' });
const POSITION = new SqlColumns(z.object({ last: z.string() }), { last: 'node_id' });
/** The id before all others. */
const ORIGIN = '00000000-0000-0000-0000-000000000000';
/** Records that one statement looks at. */
const RECORDS_MAX = 500;

/**
 * Removes nodes that ended long ago, in one statement with their events and deliveries. The rows hold the request, the attempts
 * and the evidence of a failure. A node stays while something about it is still to be delivered or archived. The file of an
 * archived log has its own age, and its record goes after it: once a sweep, when no node is left.
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
     removed as (delete from nodes where id in (select id from ended) returning id)
     select ${GONE.list} from removed`,
    [days, most],
  );
  const gone = row?.gone ?? 0;
  if (gone < most) await removeOrphans(database);
  return gone;
}

/** Removes the records of archived logs whose nodes are gone. It looks at all records, in bounded statements. */
async function removeOrphans(database: SqlDatabase): Promise<void> {
  const most = Math.min(RECORDS_MAX, database.scanRowsMax ?? RECORDS_MAX);
  for (let last: string | undefined = ORIGIN; last !== undefined;) {
    const position = await POSITION.first(
      database,
      `with slice as materialized (
         select node_id, status from log_archives where node_id > $1::uuid order by node_id limit $2::int),
       orphans as (delete from log_archives where node_id in (
         select s.node_id from slice s where s.status in ('missing', 'deleted')
           and (select true from nodes n where n.id = s.node_id limit 1) is null))
       select ${POSITION.list} from slice order by node_id desc limit 1`,
      [last, most],
    );
    last = position?.last;
  }
}
