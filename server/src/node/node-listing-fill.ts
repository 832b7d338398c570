import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { ALL_NODES } from './count/node-count-migration.js';
import { fillInOrder } from './fill/fill-in-order.js';

const BATCH_NODES = 2_000;
const NEEDED = new SqlColumns(z.object({ isMissing: z.boolean(), isAnalysed: z.boolean() }), {
  isMissing: `exists (select from node_listing where names is null)
    or exists (select from nodes n where not exists (select from node_listing l where l.node_id = n.id))`,
  isAnalysed: "(select reltuples > 0 from pg_class where oid = 'node_listing'::regclass)",
});
/** Rows that were written with triggers switched off are not counted. */
const COUNTED = new SqlColumns(z.object({ isRight: z.boolean() }), {
  isRight: `(select count(*) from node_listing) = (select coalesce(sum(nodes), 0) from (
    select nodes from node_counts where scope = '${ALL_NODES}' union all select nodes from node_count_changes) as counted)`,
});

/**
 * Adds the nodes that are older than the listing, and the names of those that are older than their column. Afterwards the triggers keep
 * the listing complete.
 */
export async function fillNodeListing(database: SqlDatabase): Promise<void> {
  const needed = await NEEDED.first(database, `select ${NEEDED.list}`, []);
  if (needed?.isMissing === true) {
    await fillInOrder(database, {
      table: 'node_listing',
      column: 'names',
      put: 'put_node_listing',
      batch: BATCH_NODES,
    });
  }
  if (needed?.isMissing === true || needed?.isAnalysed !== true) {
    await database.script('analyze node_listing; analyze node_kinds');
  }
  const counted = await COUNTED.first(database, `select ${COUNTED.list}`, []);
  if (counted?.isRight === false) await database.script('select count_nodes_again()');
}
