import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { ALL_NODES } from './count/node-count-migration.js';

const BATCH_NODES = 2_000;
const BATCH = new SqlColumns(z.object({ last: z.string().optional(), missing: z.int() }), {
  last: '(array_agg(n.id order by n.id desc))[1]',
  missing: 'count(*) filter (where l.node_id is null)::int',
});
const NEEDED = new SqlColumns(z.object({ isMissing: z.boolean(), isAnalysed: z.boolean() }), {
  isMissing:
    'exists (select from nodes n where not exists (select from node_listing l where l.node_id = n.id))',
  isAnalysed: "(select reltuples > 0 from pg_class where oid = 'node_listing'::regclass)",
});
/** Rows that were written with triggers switched off are not counted. */
const COUNTED = new SqlColumns(z.object({ isRight: z.boolean() }), {
  isRight: `(select count(*) from node_listing) = (select coalesce(sum(nodes), 0) from (
    select nodes from node_counts where scope = '${ALL_NODES}' union all select nodes from node_count_changes) as counted)`,
});

/**
 * Adds the nodes that are older than the listing, in batches, so that servers can write in between. Several servers may do so
 * at once. Afterwards the triggers keep the listing complete.
 */
export async function fillNodeListing(database: SqlDatabase): Promise<void> {
  const needed = await NEEDED.first(database, `select ${NEEDED.list}`, []);
  if (needed?.isMissing === true) {
    for (let last: string | undefined = ORIGIN; last !== undefined;) last = await fillAfter(database, last);
  }
  if (needed?.isMissing === true || needed?.isAnalysed !== true) {
    await database.script('analyze node_listing; analyze node_kinds');
  }
  const counted = await COUNTED.first(database, `select ${COUNTED.list}`, []);
  if (counted?.isRight === false) await database.script('select count_nodes_again()');
}

/** The id before all others. */
const ORIGIN = '00000000-0000-0000-0000-000000000000';

/** Returns the last id that was looked at; undefined at the end. */
async function fillAfter(database: SqlDatabase, id: string): Promise<string | undefined> {
  const next = 'select id from nodes where id > $1::uuid order by id limit $2::int';
  const batch = await BATCH.first(
    database,
    `select ${BATCH.list} from (${next}) n left join node_listing l on l.node_id = n.id`,
    [id, BATCH_NODES],
  );
  if (batch?.last === undefined) return undefined;
  if (batch.missing > 0) {
    await database.query(`select put_node_listing(array(${next}))`, [id, BATCH_NODES]);
  }
  return batch.last;
}
