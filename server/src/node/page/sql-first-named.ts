import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodeListQuery } from '@launchlog/shared/node';
import { z } from 'zod';
import type { SqlDatabase } from '../../database/sql-database.js';
import { answerOf, queriesOf } from '../../database/sql-queries.js';
import { orderValuesSchema } from '../node-list-cursor.js';
import type { NodePageCursor } from '../node-list-cursor.js';
import { searchedWords } from '../node-search.js';
import { afterCursor, all, filterConditions } from '../sql-node-filter.js';
import { nodeOrder } from '../sql-node-order.js';
import type { NodeOrder } from '../sql-node-order.js';
import { namedConditions } from '../sql-node-search.js';
import { isShortPart } from './sql-node-kinds.js';
import { indexedField } from './sql-indexed-field.js';

interface NamedPage {
  readonly query: NodeListQuery;
  readonly order: NodeOrder;
  readonly cursor: Position | undefined;
}

/** Where a look begins. */
type Position = Pick<NodePageCursor, 'values'>;

/** What the first nodes of an order tell of a text. */
interface FirstNamed {
  /** The ids of a page, and of one more. Undefined if the nodes that were looked at are not enough. */
  readonly ids?: readonly string[] | undefined;
  /** The part of the first nodes that have the words, or less if they fill the page. Undefined if none were looked at. */
  readonly share?: number | undefined;
}

/** How many nodes are looked at. */
interface Looks {
  /** Among more nodes than these, by what the first have, an index of names finds a page sooner. */
  readonly firstMax: number;
  /** The same by what all have that were looked at, which is surer. */
  readonly expectedMax: number;
  /** The most that are looked at after the first and the second look. */
  readonly last: number;
}

const FIRST = 1_000;
const SECOND = 3_000;
/** In the order of creation, neighbours share a page of the table. */
const NEIGHBOURS: Looks = { firstMax: 48_000, expectedMax: 30_000, last: 45_000 };
/** There are others in between. */
const APART: Looks = { firstMax: 40_000, expectedMax: 20_000, last: 30_000 };
/** The nodes of one owner are far apart in the table. */
const SCATTERED: Looks = { firstMax: 5_000, expectedMax: 2_500, last: 4_000 };
/** Counts ask the index anyway. */
const COUNTED: Looks = { firstMax: 24_000, expectedMax: 15_000, last: 25_000 };
/** Looking for a part of two characters in an index takes so much longer. */
const SHORT_PART_COST = 1.5;
const SHORT_PART_FIRST = 1.2;
/** If a page may be expected among this part of the most nodes, no second look at some of them is needed. */
const SURE_PART = 0.75;
/** So many are found where it matters how many of the first nodes have the words. */
const SHARED_MIN = 60;
const BY_CREATION = nodeOrder({}, '');

/** The id of each node, and the values of the keys of the order. */
const foundSchema = z.array(z.tuple([z.string(), orderValuesSchema]));

/**
 * Finds a page of nodes that have the words of a text by a look at the first nodes of an order that an index has, but not where other
 * statements would wait: the words are looked for in all names then. See decisions 205, 209 and 211.
 */
export async function firstNamed(
  database: SqlDatabase,
  { query, order, cursor }: NamedPage,
): Promise<FirstNamed> {
  const words = searchedWords(query.q);
  if (words.length === 0 || database.scanRowsMax !== undefined) return {};
  const isOwned = (query.deploymentId ?? query.tenantId) !== undefined;
  const sample = { query, order: BY_CREATION, after: undefined, most: FIRST, limit: SHARED_MIN };
  const isSampled = !order.isIndexed || (order.sort === 'live' && isOwned);
  let share = isSampled ? (await foundBy(database, sample)).length / FIRST : undefined;
  if (!order.isIndexed) return { share };
  const { firstMax, expectedMax, last } = looksOf(query, order, words);
  // A node that changes between two looks may be found twice.
  const ids = new Set<string>();
  let [after, looked, expected] = [cursor, 0, Infinity];
  for (const most of [FIRST, SECOND, last]) {
    if (most === SECOND && expected < expectedMax * SURE_PART) continue;
    const wanted = most === FIRST && query.counts === true ? Math.max(query.limit, SHARED_MIN) : query.limit;
    const found = await foundBy(database, { query, order, after, most, limit: wanted + 1 - ids.size });
    for (const [id] of found) ids.add(id);
    share ??= ids.size / FIRST;
    if (ids.size > query.limit) return { ids: [...ids].slice(0, query.limit + 1), share };
    looked += most;
    expected = (query.limit * looked) / ids.size;
    if (expected > (most === FIRST ? firstMax : expectedMax)) break;
    const [, values] = found.at(-1) ?? [];
    if (values !== undefined) after = { values };
  }
  return { share };
}

async function foundBy(database: SqlDatabase, first: FirstNodes): Promise<z.output<typeof foundSchema>> {
  return foundSchema.parse(await answerOf(queriesOf(database).execute(firstStatement(first))));
}

function looksOf(query: NodeListQuery, order: NodeOrder, words: readonly string[]): Looks {
  const looks = orderLooks(query, order);
  if (looks !== SCATTERED && query.counts === true) return COUNTED;
  if (looks === SCATTERED || !words.some((word) => isShortPart(word))) return looks;
  const { firstMax, expectedMax, last } = looks;
  return {
    firstMax: firstMax * SHORT_PART_FIRST,
    expectedMax: expectedMax * SHORT_PART_COST,
    last: last * SHORT_PART_COST,
  };
}

function orderLooks(query: NodeListQuery, order: NodeOrder): Looks {
  if (order.sort === 'live') return APART;
  const field = indexedField(query)?.name;
  if (field === undefined) return NEIGHBOURS;
  return field === 'provider' || field === 'status' ? APART : SCATTERED;
}

interface FirstNodes {
  readonly query: NodeListQuery;
  readonly order: NodeOrder;
  readonly after: Position | undefined;
  /** The nodes that are looked at. */
  readonly most: number;
  /** The nodes that are found. */
  readonly limit: number;
}

/**
 * The keys are columns of what is looked at, so that it is not sorted again and no more is looked at than fills the page. So is the
 * field that has an index with the order; it is not known to have one value, so that no other index has this order. How many are
 * looked at is not known when the statement is planned, so that the index is followed.
 */
function firstStatement({ query, order, after, most, limit }: FirstNodes): SQL {
  const field = order.sort === 'live' ? undefined : indexedField(query);
  const { createdSince, createdUntil } = query;
  const bounds = order.sort === 'live' ? [] : filterConditions({ createdSince, createdUntil }, []);
  if (field !== undefined) bounds.push(sql`${field.column} = any(array[${field.value}])`);
  if (after !== undefined) bounds.push(afterCursor(order, after));
  const keys = order.keys.map(({ value }, index) => ({ value, name: sql.raw(`key_${index}`) }));
  const columns = [
    ...(field === undefined ? [] : [{ value: field.column, name: sql.raw('field') }]),
    ...keys,
  ];
  const direction = sql.raw(order.descending ? 'desc' : 'asc');
  const ordered = list(columns.map(({ name }) => sql`${name} ${direction}`));
  const conditions = filterConditions(query, namedConditions(searchedWords(query.q)));
  return sql`select l.node_id, jsonb_build_array(${list(keys.map(({ name }) => name))})
    from (select l.*, ${list(columns.map(({ value, name }) => sql`${value} as ${name}`))} from node_listing l
      where ${all(bounds)} order by ${ordered} limit (select ${most}::int)) l
    where ${all(conditions)} order by ${ordered} limit ${limit}`;
}

function list(parts: readonly SQL[]): SQL {
  return sql.join([...parts], sql`, `);
}
