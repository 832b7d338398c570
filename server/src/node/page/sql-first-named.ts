import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodeListQuery } from '@launchlog/shared/node';
import type { SqlDatabase } from '../../database/sql-database.js';
import { answerOf, queriesOf } from '../../database/sql-queries.js';
import type { NodePageCursor } from '../node-list-cursor.js';
import { searchedWords } from '../node-search.js';
import { afterCursor, all, filterConditions } from '../sql-node-filter.js';
import type { NodeOrder } from '../sql-node-order.js';
import { namedConditions } from '../sql-node-search.js';

interface NamedPage {
  readonly query: NodeListQuery;
  readonly order: NodeOrder;
  readonly cursor: NodePageCursor | undefined;
  /** Conditions on the table `l` that an index has with the order. */
  readonly within: readonly SQL[];
}

/** The nodes that are looked at, if those before did not fill the page and had enough of the words. */
const LOOKS = [1_000, 4_000, 30_000] as const;
/** Among more nodes than these, by what was seen, an index of names finds a page sooner. */
const EXPECTED_MAX = 20_000;
/** The nodes of one owner are far apart in the table. */
const EXPECTED_OWNED_MAX = 2_500;
/** What few nodes have may be so much less or more than what all have. */
const SPREAD = 2;
/** If a page may be expected among this part of the most nodes, no second look at some of them is needed. */
const SURE_PART = 0.75;

/**
 * The ids of a page of nodes that have the words of a text, and of one more, found by a look at the first nodes of an order that an index
 * has. Undefined if these are not enough, and where other statements would wait: the words are looked for in all names then. See
 * decisions 205 and 209.
 */
export async function firstNamed(
  database: SqlDatabase,
  { query, order, cursor, within }: NamedPage,
): Promise<readonly string[] | undefined> {
  const names = namedConditions(searchedWords(query.q));
  if (names.length === 0 || !order.isIndexed || database.scanRowsMax !== undefined) return undefined;
  const conditions = filterConditions(query, names);
  const bounds = order.sort === 'live' ? [] : [...within];
  if (cursor !== undefined) bounds.push(afterCursor(order, cursor));
  const isOwned = order.sort !== 'live' && (query.deploymentId ?? query.tenantId) !== undefined;
  const expectedMax = isOwned ? EXPECTED_OWNED_MAX : EXPECTED_MAX;
  let expected = Infinity;
  for (const most of LOOKS) {
    if (most === LOOKS[1] && expected < expectedMax * SURE_PART) continue;
    const page = firstStatement({ conditions, bounds, most }, order, query.limit + 1);
    const found = (await answerOf(queriesOf(database).execute(page))) as unknown as unknown[][];
    if (found.length > query.limit) return found.map(([id]) => String(id));
    expected = (query.limit * most) / found.length;
    if (expected > expectedMax * (most === LOOKS[0] ? SPREAD : 1)) return undefined;
  }
  return undefined;
}

interface FirstNodes {
  readonly conditions: readonly SQL[];
  /** What bounds the nodes that are looked at. */
  readonly bounds: readonly SQL[];
  readonly most: number;
}

/** The keys are columns of what is looked at, so that it is not sorted again and no more is looked at than fills the page. */
function firstStatement({ conditions, bounds, most }: FirstNodes, order: NodeOrder, limit: number): SQL {
  const direction = sql.raw(order.descending ? 'desc' : 'asc');
  const names = order.keys.map((_, index) => sql.raw(`key_${index}`));
  const keys = order.keys.map(({ value }, index) => sql`${value} as ${names[index]}`);
  const ordered = sql.join(
    names.map((name) => sql`${name} ${direction}`),
    sql`, `,
  );
  return sql`select l.node_id
    from (select l.*, ${sql.join(keys, sql`, `)} from node_listing l where ${all(bounds)} order by ${ordered} limit ${most}) l
    where ${all(conditions)} order by ${ordered} limit ${limit}`;
}
