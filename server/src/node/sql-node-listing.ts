import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { nodeStatusSchema } from '@launchlog/shared/node';
import type { Node, NodeCounts, NodeListQuery, NodePage } from '@launchlog/shared/node';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { SqlDatabase } from '../database/sql-database.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { SqlQueries } from '../database/sql-queries.js';
import type { TraceLink } from '../trace-context.js';
import { sqlSlices } from '../database/sql-slices.js';
import { heavyWork } from '../wait/fair-turns.js';
import { keptCounts } from './count/sql-node-counts.js';
import { noCounts } from './node-counts.js';
import type { NodeFilter } from './node-filter.js';
import {
  formatNodeListCursor,
  formatNodePageCursor,
  orderValuesSchema,
  parseNodePageCursor,
} from './node-list-cursor.js';
import type { NodePageCursor } from './node-list-cursor.js';
import { afterCursor, all, filterConditions, pageStatement } from './sql-node-filter.js';
import { costSoFar, nodeOrder } from './sql-node-order.js';
import type { NodeOrder } from './sql-node-order.js';
import { nodeOf } from './node-row.js';
import { ANY_NODE, searchCondition } from './sql-node-search.js';
import type { NodeSearch } from './sql-node-search.js';
import { requireSameOrder } from './page/cursor-order.js';
import { indexedField } from './page/sql-indexed-field.js';
import { firstNamed } from './page/sql-first-named.js';
import { firstOfEachStatus } from './page/sql-status-page.js';
import { nodeTable, type NodeRow } from './node-table.js';
import { NODE_WORDS } from './word/node-words.js';

const countRowSchema = z.tuple([z.string(), z.int(), z.number(), z.number()]);
/** Nodes beyond a page that are kept while slices are read: they are looked up one by one. */
const CANDIDATES_MAX = 250;
/** Rows of `nodes` that one statement reads: some milliseconds of ours, and where every other call waits for it also of theirs. */
const WIDE_ROWS_MAX = 100;
const EMBEDDED_WIDE_ROWS_MAX = 50;
/** The hourly price of a running machine. */
const HOURLY = sql`case when l.machine_at is not null and l.terminated_at is null and l.status not in ('failed', 'terminated')
  then l.price_per_hour end`;

interface ListingOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly traceLink?: TraceLink | undefined;
}

/** Filtered, ordered and counted pages of nodes, from `node_listing`. See decision 147. */
export class SqlNodeListing {
  readonly #database: SqlDatabase;
  readonly #queries: SqlQueries;
  readonly #clock: Clock;
  readonly #traceLink: TraceLink | undefined;

  constructor(options: ListingOptions) {
    this.#database = options.database;
    this.#queries = queriesOf(options.database);
    this.#clock = options.clock;
    this.#traceLink = options.traceLink;
  }

  async page(query: NodeListQuery): Promise<NodePage> {
    const cursor = query.cursor === undefined ? undefined : parseNodePageCursor(query.cursor);
    const asOf = cursor?.asOf ?? new Date(this.#clock.now()).toISOString();
    const order = nodeOrder(query, asOf);
    if (cursor !== undefined) requireSameOrder(order, cursor);
    const { ids: picked, share } = await firstNamed(this.#database, { query, order, cursor });
    const isCounted = query.counts === true;
    const isSearched = picked === undefined || isCounted;
    const asked = { filter: query, share, isAllRead: isCounted || !order.isIndexed };
    const found = isSearched ? await searchCondition(this.#database, asked) : ANY_NODE;
    const search = found && { ...found, isSliced: await this.#isSliced(found) };
    const [page, counts] = await Promise.all([
      search === undefined ? { nodes: [] } : this.#read({ query, order, cursor, asOf, search, picked }),
      isCounted ? this.#counts(query, search, asOf) : undefined,
    ]);
    return counts === undefined ? page : { ...page, counts };
  }

  async #read(of: ListPageRequest): Promise<NodePage> {
    const { query, order, asOf, picked } = of;
    const from =
      picked === undefined ? await this.#lookedAt(of) : { table: rowsOf(picked), conditions: afterPage(of) };
    const page = pageStatement(from, order, query.limit + 1);
    const isInParts = this.#database.scanRowsMax !== undefined || query.limit > WIDE_ROWS_MAX;
    const parts = isInParts ? this.#rowsInParts(page) : this.#rowsAtOnce(page);
    const nowMs = this.#clock.now();
    const nodes: Node[] = [];
    let last: PageRow | undefined;
    let isLast = true;
    for await (const rows of parts) {
      for (const row of rows) {
        isLast = nodes.length < query.limit;
        if (!isLast) break;
        last = row;
        NODE_WORDS.look(this.#database.words, row.node.id, row.node);
        nodes.push(nodeOf(row.node, nowMs, this.#traceLink));
      }
    }
    if (last === undefined || isLast) return { nodes };
    const values = orderValuesSchema.parse(last.keys);
    const nextCursor =
      order.sort === 'created' && order.descending
        ? formatNodeListCursor(last.node.createdAt, last.node.id)
        : formatNodePageCursor({ sort: order.sort, descending: order.descending, asOf, values });
    return { nodes, nextCursor };
  }

  /** The rows of the nodes that a statement of a page picks, in its order. */
  async *#rowsAtOnce(page: SQL): AsyncGenerator<readonly PageRow[], void> {
    yield await answerOf(
      this.#queries
        .select({ node: nodeTable, keys: sql<unknown>`picked.keys` })
        .from(nodeTable)
        .innerJoin(sql`(${page}) picked`, sql`picked.node_id = ${nodeTable.id}`)
        .orderBy(sql`picked.place`),
    );
  }

  /** The same in parts, because the rows are wide; each part in a turn of the event loop. */
  async *#rowsInParts(page: SQL): AsyncGenerator<readonly PageRow[], void> {
    const picked = (await answerOf(this.#queries.execute(page))) as unknown as unknown[][];
    const most = this.#database.scanRowsMax === undefined ? WIDE_ROWS_MAX : EMBEDDED_WIDE_ROWS_MAX;
    for (let from = 0; from < picked.length; from += most) {
      const part = picked.slice(from, from + most);
      const ids = `{${part.map(([id]) => String(id)).join(',')}}`;
      await heavyWork.turn();
      const found = await answerOf(
        this.#queries
          .select()
          .from(nodeTable)
          .where(sql`${nodeTable.id} = any(${ids}::uuid[])`),
      );
      const nodes = new Map(found.map((node) => [node.id, node]));
      yield part.flatMap(([id, keys]) => {
        const node = nodes.get(String(id));
        return node === undefined ? [] : [{ node, keys }];
      });
    }
  }

  /** Where the page is looked for, and by which conditions. */
  async #lookedAt(of: ListPageRequest): Promise<LookedAt> {
    const { query, order, cursor, search } = of;
    const { status, ...others } = query;
    const found = filterConditions(query, search.conditions);
    const conditions = [...found, ...afterPage(of)];
    if (order.sort === 'status' && filterConditions(others, search.conditions).length === 0) {
      return { table: firstOfEachStatus({ order, cursor, status, limit: query.limit + 1 }), conditions };
    }
    const isScan =
      search.isSliced && !(order.isIndexed && (search.isIndexed || search.conditions.length === 0));
    if (isScan) return { table: rowsOf(await this.#firstOfSlices(of, conditions)), conditions };
    if (!search.isIndexed || this.#database.scanRowsMax !== undefined) return { conditions };
    // The first nodes did not have rare words, so that following the order would look at many more, as would the cursor in its index.
    return {
      table: sql`(select * from node_listing l where ${all(found)} offset 0)`,
      conditions: afterPage(of),
    };
  }

  /** Whether what is looked at is read in slices, because every other call waits for a statement. */
  async #isSliced({ conditions, isIndexed }: NodeSearch): Promise<boolean> {
    const { scanRowsMax } = this.#database;
    if (scanRowsMax === undefined || !isIndexed) return scanRowsMax !== undefined;
    const few = sql`select from node_listing l where ${all(conditions)} limit ${scanRowsMax + 1}`;
    const rows: unknown = await answerOf(
      this.#queries.execute(sql`select count(*)::int from (${few}) as few`),
    );
    return countedSchema.parse(rows)[0][0] > scanRowsMax;
  }

  /** The nodes of which the page is a part: the first ones of each slice, of which again the first are kept. */
  async #firstOfSlices(
    { query, order }: ListPageRequest,
    conditions: readonly SQL[],
  ): Promise<readonly string[]> {
    const limit = query.limit + 1;
    const keptMax = limit + Math.min(CANDIDATES_MAX, this.#database.scanRowsMax ?? Infinity);
    let bound: SQL[] = [];
    const answer = () =>
      pageStatement({ table: sql`slice`, conditions: [...conditions, ...bound] }, order, limit);
    const isNewestFirst = order.sort === 'created' && order.descending;
    let ids: string[] = [];
    for await (const rows of sqlSlices(this.#queries, { ...this.#slicesOf(query), answer })) {
      ids.push(...rows.map(([id]) => String(id)));
      if (isNewestFirst && ids.length >= limit) break;
      if (ids.length <= keptMax && (bound.length > 0 || ids.length < limit)) continue;
      const best = this.#queries.execute(pageStatement({ table: rowsOf(ids), conditions: [] }, order, limit));
      const kept = (await answerOf(best)) as unknown as unknown[][];
      ids = kept.map(([id]) => String(id));
      // What comes after the last of a whole page cannot be on it, so that the next slices have few candidates.
      const last = kept.length < limit ? undefined : orderValuesSchema.parse(kept.at(-1)?.[1]);
      if (last !== undefined) bound = [sql`not ${afterCursor(order, { values: last })}`];
    }
    return ids;
  }

  async #counts(query: NodeFilter, search: SlicedSearch | undefined, asOf: string): Promise<NodeCounts> {
    const counts = noCounts();
    const cost = { total: 0, hourly: 0 };
    if (search === undefined) return { ...counts, cost };
    const { status, ...others } = query;
    const rows = await this.#countRows(others, search, asOf);
    for (const row of rows) {
      const [name, count, total, hourly] = countRowSchema.parse(row);
      const known = nodeStatusSchema.safeParse(name);
      if (known.success) counts.statuses[known.data] += count;
      if (status !== undefined && !(known.success && status.includes(known.data))) continue;
      counts.total += count;
      cost.total += total;
      cost.hourly += hourly;
    }
    return { ...counts, cost };
  }

  async #countRows(
    filter: Omit<NodeFilter, 'status'>,
    search: SlicedSearch,
    asOf: string,
  ): Promise<readonly unknown[]> {
    const { conditions, isSliced } = search;
    const kept = keptCounts(filter, conditions, asOf);
    if (kept !== undefined) return answerOf(this.#queries.execute(kept));
    if (isSliced) return this.#countSlices(filter, filterConditions(filter, conditions), asOf);
    const counted = countStatement(sql`node_listing`, filterConditions(filter, conditions), asOf);
    return answerOf(this.#queries.execute(counted));
  }

  async #countSlices(filter: NodeFilter, conditions: readonly SQL[], asOf: string): Promise<unknown[][]> {
    const request = { ...this.#slicesOf(filter), answer: () => countStatement(sql`slice`, conditions, asOf) };
    const counted: unknown[][] = [];
    for await (const rows of sqlSlices(this.#queries, request)) counted.push(...rows);
    return counted;
  }

  /** An index finds the nodes of one owner or status in order, and skips all others. */
  #slicesOf(filter: NodeFilter) {
    const { createdSince, createdUntil } = filter;
    const { name, value } = indexedField(filter) ?? {};
    const indexed = name === undefined ? {} : { [name]: name === 'status' ? [value] : value };
    return {
      table: sql`node_listing`,
      within: filterConditions({ ...indexed, createdSince, createdUntil }, []),
      rows: this.#database.scanRowsMax ?? Infinity,
      copied: true,
    };
  }
}

/** Rows `[status, nodes, dollars until then, dollars per hour]`. */
function countStatement(table: SQL, conditions: readonly SQL[], asOf: string): SQL {
  return sql`select l.status, count(*)::int, coalesce(sum(${costSoFar(asOf)}), 0)::float8,
      coalesce(sum(${HOURLY}), 0)::float8
    from ${table} l where ${all(conditions)} group by l.status`;
}

interface ListPageRequest {
  readonly query: NodeListQuery;
  readonly order: NodeOrder;
  readonly cursor: NodePageCursor | undefined;
  readonly asOf: string;
  readonly search: SlicedSearch;
  /** The ids of the page and of one node more, if they are known. */
  readonly picked: readonly string[] | undefined;
}

/** The nodes of later pages than the one before. */
function afterPage({ order, cursor }: Pick<ListPageRequest, 'order' | 'cursor'>): readonly SQL[] {
  return cursor === undefined ? [] : [afterCursor(order, cursor)];
}

interface LookedAt {
  /** Undefined for the whole listing. */
  readonly table?: SQL;
  readonly conditions: readonly SQL[];
}

interface PageRow {
  readonly node: NodeRow;
  readonly keys: unknown;
}

interface SlicedSearch extends NodeSearch {
  readonly isSliced: boolean;
}

const countedSchema = z.tuple([z.tuple([z.int()])]);

/** Looked up one by one, in the primary key. */
function rowsOf(ids: readonly string[]): SQL {
  return sql`(select row.* from unnest(${`{${ids.join(',')}}`}::uuid[]) as wanted (id)
    cross join lateral (select * from node_listing where node_id = wanted.id limit 1) as row)`;
}
