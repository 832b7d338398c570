import type { SqlDatabase } from '../database/sql-database.js';
import type { PastSpan } from '../wait/look-back.js';

interface RowsOfNodes {
  /** Has at most one row for each `node_id`; its other columns have defaults. */
  readonly table: string;
  /** The column of `nodes` that the span applies to. */
  readonly time: 'created_at' | 'ended_at';
}

/** Rows that one statement adds. */
const ROWS_MAX = 1_000;
const MILLISECONDS = "* interval '1 millisecond'";

/**
 * Adds rows for nodes of the span that have none, at most 1,000, and resolves to their number. It reads the nodes' own rows: no
 * node is forgotten when the server that changed it dies before it could add a row.
 */
export async function addMissingRows(
  database: SqlDatabase,
  { table, time }: RowsOfNodes,
  { sinceMs, untilMs }: PastSpan,
): Promise<number> {
  const added = await database.query(
    `insert into ${table} (node_id)
     select n.id from nodes n where n.${time} > now() - $1::float8 ${MILLISECONDS}
       and ($2::float8 is null or n.${time} <= now() - $2::float8 ${MILLISECONDS})
       and not exists (select from ${table} t where t.node_id = n.id)
     limit ${ROWS_MAX} on conflict do nothing returning node_id`,
    [sinceMs, untilMs ?? null],
  );
  return added.length;
}
