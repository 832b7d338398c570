import { z } from 'zod';
import { SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';

/** A batch takes about 40 ms on PostgreSQL. */
const BATCH_LAUNCHES = 1_000;

const NEEDED = new SqlColumns(z.object({ isMissing: z.boolean(), isAnalysed: z.boolean() }), {
  isMissing:
    'exists (select from nodes n where not exists (select from launch_facts f where f.node_id = n.id))',
  isAnalysed: "(select reltuples > 0 from pg_class where oid = 'launch_facts'::regclass)",
});
const positionSchema = z.object({ createdAt: z.string().optional(), id: z.string().optional() });
type RowPosition = z.infer<typeof positionSchema>;
const POSITION = new SqlColumns(positionSchema, { createdAt: 'last.created_at::text', id: 'last.id' });

/**
 * Adds the facts of launches that are older than the table, in batches, so that servers can write in between. Several servers
 * may do so at once. Afterwards the triggers keep the facts complete.
 */
export async function fillLaunchFacts(database: SqlDatabase): Promise<void> {
  const needed = await NEEDED.first(database, `select ${NEEDED.list}`, []);
  if (needed?.isMissing === true) {
    let position: RowPosition | undefined = {};
    while (position !== undefined) position = await fillAfter(database, position);
  }
  if (needed?.isMissing === true || needed?.isAnalysed !== true)
    await database.script('analyze launch_facts');
}

/**
 * Adds one batch, the oldest launches first: metrics read them in this order, and neighbours should share a page. Returns the
 * position of the last launch that was looked at; undefined at the end.
 */
async function fillAfter(
  database: SqlDatabase,
  { createdAt, id }: RowPosition,
): Promise<RowPosition | undefined> {
  const position = await POSITION.first(
    database,
    `with batch as materialized (
       select n.created_at, n.id, f.node_id from nodes n left join launch_facts f on f.node_id = n.id
       where $1::timestamptz is null or (n.created_at, n.id) > ($1::timestamptz, $2::uuid)
       order by n.created_at, n.id limit $3::int),
     put as (select put_launch_facts(array(select id from batch where node_id is null order by created_at, id))),
     last as (select created_at, id from batch order by created_at desc, id desc limit 1)
     select ${POSITION.list} from put left join last on true`,
    [createdAt ?? null, id ?? null, BATCH_LAUNCHES],
  );
  return position?.id === undefined ? undefined : position;
}
