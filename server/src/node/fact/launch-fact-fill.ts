import { z } from 'zod';
import { SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';
import { fillInOrder } from '../fill/fill-in-order.js';

/** A batch takes about 40 ms on PostgreSQL. */
const BATCH_LAUNCHES = 1_000;

const NEEDED = new SqlColumns(z.object({ isMissing: z.boolean(), isAnalysed: z.boolean() }), {
  isMissing:
    'exists (select from nodes n where not exists (select from launch_facts f where f.node_id = n.id))',
  isAnalysed: "(select reltuples > 0 from pg_class where oid = 'launch_facts'::regclass)",
});
/** Adds the facts of launches that are older than the table. Afterwards the triggers keep the facts complete. */
export async function fillLaunchFacts(database: SqlDatabase): Promise<void> {
  const needed = await NEEDED.first(database, `select ${NEEDED.list}`, []);
  if (needed?.isMissing === true) {
    await fillInOrder(database, {
      table: 'launch_facts',
      column: 'node_id',
      put: 'put_launch_facts',
      batch: BATCH_LAUNCHES,
    });
  }
  if (needed?.isMissing === true || needed?.isAnalysed !== true)
    await database.script('analyze launch_facts');
}
