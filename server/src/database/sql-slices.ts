import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { SqlQueries } from './sql-queries.js';
import { answerOf } from './sql-queries.js';

interface SlicedRequest {
  /** A table with the columns `created_at` and `node_id`, and an index on both, in this order. */
  readonly table: SQL;
  /**
   * Conditions on the table `l` that select the rows. An index should find them in this order; other conditions belong in the
   * answer.
   */
  readonly within: readonly SQL[];
  /** The most rows of one slice. */
  readonly rows: number;
  /**
   * Whether the answer reads a copy of the slice's rows. If not, the end of the slice and its rows are found one after the
   * other, in the same state of the table: cheaper if an index finds them and the answer needs few of their columns.
   */
  readonly copied: boolean;
  /** A `select` from `slice l`, which has the columns of the table. Asked for before each slice. */
  readonly answer: () => SQL;
}

/** The first slice has this part of the most rows. */
const FIRST_PART = 4;
/** A slice that took longer than this is followed by one of half as many rows, and one that took less than that by a larger one. */
const LONG_MS = 30;
const SHORT_MS = 10;
const ROWS_MIN = 100;

const positionSchema = z.object({ at: z.string(), id: z.string() });
type RowPosition = z.infer<typeof positionSchema>;

/**
 * Reads a table in slices, the newest rows first, each row once: one statement per slice, so that no statement takes long
 * however large the table is or slow the machine, and other statements run in between. Yields the rows of the answer to each
 * slice. A row that changes meanwhile is read as it is when its slice is read; one that is added meanwhile is left out.
 */
export async function* sqlSlices(queries: SqlQueries, request: SlicedRequest): AsyncGenerator<unknown[][]> {
  let size = Math.ceil(request.rows / FIRST_PART);
  for (let position: RowPosition | undefined, more = true; more;) {
    const rows = (await answerOf(
      queries.execute(sliceStatement({ ...request, rows: size }, position)),
    )) as unknown as unknown[][];
    const [tookMs, at, id] = rows[0] ?? [];
    yield rows.filter(([, , , isThere]) => isThere === true).map((row) => row.slice(4));
    const last = positionSchema.safeParse({ at, id });
    more = last.success;
    position = last.data;
    size = nextSize(size, Number(tookMs), request.rows);
  }
}

function nextSize(rows: number, tookMs: number, rowsMax: number): number {
  if (tookMs > LONG_MS) return Math.max(Math.min(ROWS_MIN, rowsMax), Math.ceil(rows / 2));
  return tookMs < SHORT_MS ? Math.min(rowsMax, rows * 2) : rows;
}

/** By the clock of the database, and without the time for which the statement had to wait. */
const TOOK_MS = sql`(extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8`;

/** Selects how long it took, the position of the last row if the slice is full, whether the answer has rows, and the answer. */
function sliceStatement(request: SlicedRequest, position: RowPosition | undefined): SQL {
  const { table, within, rows, copied, answer } = request;
  const after =
    position === undefined
      ? sql`true`
      : sql`(l.created_at, l.node_id) < (${position.at}::timestamptz, ${position.id}::uuid)`;
  const wanted = sql`
    from ${table} l where ${sql.join([after, ...within], sql` and `)} order by l.created_at desc, l.node_id desc`;
  const last = copied
    ? sql`select created_at, node_id from slice offset ${rows - 1}`
    : sql`select l.created_at, l.node_id ${wanted} offset ${rows - 1} limit 1`;
  return sql`
    with slice as ${copied ? sql`materialized` : sql`not materialized`} (select * ${wanted} limit ${rows})
    select ${TOOK_MS}, last.created_at::text, last.node_id::text, answer.* from (select) as one
    left join (${last}) as last on true
    left join (select true as is_there, given.* from (${answer()}) as given) as answer on true`;
}
