import { z } from 'zod';
import { SqlColumns } from '../database/sql-columns.js';
import type { SqlDatabase } from '../database/sql-database.js';
import type { PastSpan } from '../wait/look-back.js';

interface RowsOfNodes {
  /** Has at most one row for each `node_id`; its other columns have defaults. */
  readonly table: string;
  /** The column of `nodes` that the span applies to. */
  readonly time: 'created_at' | 'ended_at';
}

/** Nodes that one statement looks at. */
const NODES_MAX = 1_000;
const MILLISECONDS = "* interval '1 millisecond'";
const lookSchema = z.object({ added: z.int(), at: z.string().optional(), id: z.string().optional() });
const LOOK = new SqlColumns(lookSchema, {
  added: '(select count(*)::int from added)',
  at: 'last.at::text',
  id: 'last.id',
});

/**
 * Adds rows for nodes of the span that have none, in bounded statements, and resolves to their number. It reads the nodes' own
 * rows: no node is forgotten when the server that changed it dies before it could add a row.
 */
export async function addMissingRows(
  database: SqlDatabase,
  { table, time }: RowsOfNodes,
  { sinceMs, untilMs }: PastSpan,
): Promise<number> {
  const most = Math.min(NODES_MAX, database.scanRowsMax ?? NODES_MAX);
  let added = 0;
  for (let at: string | undefined, id: string | undefined, more = true; more;) {
    const look = await LOOK.first(
      database,
      `with slice as materialized (
         select n.${time} as at, n.id from nodes n where n.${time} > now() - $1::float8 ${MILLISECONDS}
           and ($2::float8 is null or n.${time} <= now() - $2::float8 ${MILLISECONDS})
           and ($3::timestamptz is null or (n.${time} >= $3::timestamptz and (n.${time}, n.id) > ($3::timestamptz, $4::uuid)))
         order by n.${time}, n.id limit ${most}),
       added as (
         insert into ${table} (node_id)
         select s.id from slice s where (select true from ${table} t where t.node_id = s.id limit 1) is null
         on conflict do nothing returning node_id),
       last as (select at, id from slice offset ${most - 1})
       select ${LOOK.list} from (select) one left join last on true`,
      [sinceMs, untilMs ?? null, at ?? null, id ?? null],
    );
    added += look?.added ?? 0;
    ({ at, id } = look ?? {});
    more = id !== undefined;
  }
  return added;
}
