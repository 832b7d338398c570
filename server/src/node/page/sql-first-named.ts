import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodeListQuery } from '@launchlog/shared/node';
import type { SqlDatabase } from '../../database/sql-database.js';
import { answerOf, queriesOf } from '../../database/sql-queries.js';
import type { NodePageCursor } from '../node-list-cursor.js';
import { afterCursor, filterConditions, pageStatement } from '../sql-node-filter.js';
import type { NodeOrder } from '../sql-node-order.js';
import { namedConditions } from '../sql-node-search.js';

interface NamedPage {
  readonly query: NodeListQuery;
  readonly order: NodeOrder;
  readonly cursor: NodePageCursor | undefined;
  /** Conditions on the table `l` that an index has with the order. */
  readonly within: readonly SQL[];
}

/** The nodes that are looked at: few first, then as many as one of a hundred needs for a page, if so many of these had the words. */
const FIRST_NODES = 300;
const COMMON_MIN = 3;
const MORE_NODES = 12_000;
/** In an order by an expression all of them are looked at, also if the page is full before. */
const MORE_LIVE_NODES = 3_000;

/**
 * The ids of a page of nodes that have the words of a text, and of one more, found by a look at the first nodes of an order that an index
 * has. Undefined if these are not enough, and where other statements would wait: the words are looked for in all names then. See
 * decision 205.
 */
export async function firstNamed(
  database: SqlDatabase,
  { query, order, cursor, within }: NamedPage,
): Promise<readonly string[] | undefined> {
  const names = namedConditions(query.q);
  if (names.length === 0 || !order.isIndexed || database.scanRowsMax !== undefined) return undefined;
  const after = cursor === undefined ? [] : [afterCursor(order, cursor)];
  const direction = sql.raw(order.descending ? 'desc' : 'asc');
  const keys = order.keys.map(({ value }) => sql`${value} ${direction}`);
  const bounds = sql.join([sql`true`, ...after, ...(order.sort === 'live' ? [] : within)], sql` and `);
  for (const most of [FIRST_NODES, order.sort === 'live' ? MORE_LIVE_NODES : MORE_NODES]) {
    const table = sql`(select * from node_listing l where ${bounds} order by ${sql.join(keys, sql`, `)} limit ${most})`;
    const page = pageStatement({ table, conditions: filterConditions(query, names) }, order, query.limit + 1);
    const found = (await answerOf(queriesOf(database).execute(page))) as unknown as unknown[][];
    if (found.length > query.limit) return found.map(([id]) => String(id));
    if (found.length < COMMON_MIN) return undefined;
  }
  return undefined;
}
