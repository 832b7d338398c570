import { z } from 'zod';
import { SqlColumns } from '../../database/sql-columns.js';
import type { SqlDatabase } from '../../database/sql-database.js';

interface IncompleteTable {
  /** It has a row for each node, by `node_id`. */
  readonly table: string;
  /** A column that is null where a row is missing or incomplete. */
  readonly column: string;
  /** A function that writes the rows of an array of ids of nodes. */
  readonly put: string;
  /** Nodes of one statement. */
  readonly batch: number;
}

const positionSchema = z.object({ createdAt: z.string().optional(), id: z.string().optional() });
type RowPosition = z.infer<typeof positionSchema>;
const POSITION = new SqlColumns(positionSchema, { createdAt: 'last.created_at::text', id: 'last.id' });

/**
 * Writes the missing rows of a table that has one for each node, in batches, so that servers can write in between, and the oldest nodes
 * first: rows are read in this order, and neighbours should share a page. Several servers may do so at once.
 */
export async function fillInOrder(database: SqlDatabase, table: IncompleteTable): Promise<void> {
  let position: RowPosition | undefined = {};
  while (position !== undefined) position = await fillAfter(database, table, position);
}

/** Returns the position of the last node that was looked at; undefined at the end. */
async function fillAfter(
  database: SqlDatabase,
  { table, column, put, batch }: IncompleteTable,
  { createdAt, id }: RowPosition,
): Promise<RowPosition | undefined> {
  const position = await POSITION.first(
    database,
    `with batch as materialized (
       select n.created_at, n.id, t.${column} is null as is_missing from nodes n left join ${table} t on t.node_id = n.id
       where $1::timestamptz is null or (n.created_at, n.id) > ($1::timestamptz, $2::uuid)
       order by n.created_at, n.id limit $3::int),
     put as (select ${put}(array(select id from batch where is_missing order by created_at, id))),
     last as (select created_at, id from batch order by created_at desc, id desc limit 1)
     select ${POSITION.list} from put left join last on true`,
    [createdAt ?? null, id ?? null, batch],
  );
  return position?.id === undefined ? undefined : position;
}
