import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodeFilter } from './node-filter.js';
import type { NodeOrder } from './sql-node-order.js';
import type { NodePageCursor } from './node-list-cursor.js';

/** The conditions of a filter on `node_listing` as `l`, equal to `isListed`. `search` is the condition for its text. */
export function filterConditions(filter: NodeFilter, search: readonly SQL[]): SQL[] {
  const { status, health, reason, provider, region, gpu, spot, deploymentId, tenantId } = filter;
  return [
    ...among(sql`l.status`, status),
    ...among(sql`l.health`, health),
    ...among(sql`l.failure_reason`, reason),
    ...equal(sql`l.provider`, provider),
    ...equal(sql`l.region`, region),
    ...equal(sql`l.gpu_type`, gpu),
    ...equal(sql`l.use_spot`, spot),
    ...equal(sql`l.deployment_id`, deploymentId),
    ...equal(sql`l.tenant_id`, tenantId),
    ...within(sql`l.created_at`, filter.createdSince, filter.createdUntil),
    ...within(sql`l.ended_at`, filter.endedSince, filter.endedUntil),
    ...search,
  ];
}

/** The nodes after the cursor, in the given order. */
export function afterCursor(order: NodeOrder, cursor: Pick<NodePageCursor, 'values'>): SQL {
  const values = order.keys.map(({ type }, index) => sql`${cursor.values[index]}::${sql.raw(type)}`);
  const keys = order.keys.map(({ value }) => value);
  return sql`(${list(keys)}) ${sql.raw(order.descending ? '<' : '>')} (${list(values)})`;
}

/**
 * Rows `[node_id, values, place]`: the first `limit` nodes of a table in the order, with the values of its keys as a JSON array.
 * The places are counted among the first alone: counted in the same select, they would be counted for all, which sorts all.
 */
export function pageStatement(
  {
    table = sql`node_listing`,
    conditions,
  }: { readonly table?: SQL | undefined; readonly conditions: readonly SQL[] },
  order: NodeOrder,
  limit: number,
): SQL {
  const direction = sql.raw(order.descending ? 'desc' : 'asc');
  const names = order.keys.map((_, index) => sql.raw(`key_${index}`));
  const values = order.keys.map(({ value }, index) => sql`${value} as ${names[index]}`);
  const ordered = list(names.map((name) => sql`${name} ${direction}`));
  const first = sql`select l.node_id, ${list(values)} from ${table} l where ${all(conditions)}
    order by ${ordered} limit ${limit}`;
  return sql`select node_id, jsonb_build_array(${list(names)}) as keys, row_number() over (order by ${ordered}) as place
    from (${first}) as first order by place`;
}

export function all(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `);
}

function list(parts: readonly SQL[]): SQL {
  return sql.join([...parts], sql`, `);
}

function among(column: SQL, wanted: readonly string[] | undefined): SQL[] {
  if (wanted === undefined) return [];
  if (wanted.length === 0) return [sql`false`];
  return [sql`${column} in (${list(wanted.map((value) => sql`${value}`))})`];
}

function equal(column: SQL, wanted: string | boolean | undefined): SQL[] {
  return wanted === undefined ? [] : [sql`${column} = ${wanted}`];
}

function within(column: SQL, since: string | undefined, until: string | undefined): SQL[] {
  return [
    ...(since === undefined ? [] : [sql`${column} >= ${since}::timestamptz`]),
    ...(until === undefined ? [] : [sql`${column} < ${until}::timestamptz`]),
  ];
}
