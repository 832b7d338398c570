import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { DESCENDING_SORTS } from '@launchlog/shared/node';
import type { NodeListQuery, NodeSort } from '@launchlog/shared/node';

/**
 * What a list is ordered by: the values of `keys`, one after the other, all in one direction. The last two are the moment
 * of the request and the id, so that no two nodes are equal.
 */
export interface NodeOrder {
  readonly sort: NodeSort;
  readonly descending: boolean;
  /** An index has the nodes in this order. */
  readonly isIndexed: boolean;
  readonly keys: readonly OrderKey[];
}

interface OrderKey {
  readonly value: SQL;
  readonly type: 'boolean' | 'int' | 'bigint' | 'float8' | 'text' | 'timestamptz' | 'uuid';
}

const CREATED: OrderKey = { value: sql`l.created_at`, type: 'timestamptz' };
const ID: OrderKey = { value: sql`l.node_id`, type: 'uuid' };
/** Among equal nodes the newest come first, even in ascending order. */
const MINUS_CREATED: OrderKey = {
  value: sql`(-date_part('epoch', l.created_at) * 1000)::bigint`,
  type: 'bigint',
};
/** The condition of the index `node_listing_live`. A status of a newer release counts as live. */
const LIVE: OrderKey = { value: sql`(l.status not in ('failed', 'terminated'))`, type: 'boolean' };
const STATUS_RANK = sql`coalesce(array_position(
  array['launching', 'active', 'terminating', 'lost', 'failed', 'terminated'], l.status), 0)`;

/** `asOf`: the moment, RFC 3339, that costs and forecasts are counted from, the same on every page. */
export function nodeOrder(query: Pick<NodeListQuery, 'sort' | 'direction'>, asOf: string): NodeOrder {
  const { sort = 'created' } = query;
  const descending = query.direction === undefined ? DESCENDING_SORTS.has(sort) : query.direction === 'desc';
  if (sort === 'created') return { sort, descending, isIndexed: true, keys: [CREATED, ID] };
  if (sort === 'age') return { sort, descending: !descending, isIndexed: true, keys: [CREATED, ID] };
  if (sort === 'live') return { sort, descending, isIndexed: true, keys: [LIVE, CREATED, ID] };
  const keys = [...sortKeys(sort, descending, asOf), ...tie(descending)];
  return { sort, descending, isIndexed: false, keys };
}

function tie(descending: boolean): OrderKey[] {
  return [descending ? CREATED : MINUS_CREATED, ID];
}

function sortKeys(
  sort: Exclude<NodeSort, 'created' | 'age' | 'live'>,
  descending: boolean,
  asOf: string,
): OrderKey[] {
  const known = (value: SQL, type: 'float8' | 'text' | 'timestamptz') =>
    knownFirst({ value, type }, descending);
  switch (sort) {
    case 'status':
      return [{ value: STATUS_RANK, type: 'int' }];
    case 'progress':
      return known(progress(), 'float8');
    case 'eta':
      return known(etaEpoch(), 'float8');
    case 'ended':
      return known(sql`l.ended_at`, 'timestamptz');
    case 'name':
      return [named(sql`l.cluster_name`)];
    case 'place':
      return [named(sql`l.provider`), named(sql`l.region`)];
    case 'gpu':
      return [named(sql`l.gpu_type`), { value: sql`l.gpu_count`, type: 'int' }];
    case 'model':
      return [named(sql`l.model_name`)];
    case 'deployment':
      return known(sql`l.deployment_id collate "C"`, 'text');
    case 'price':
      return known(sql`l.price_per_hour`, 'float8');
    case 'cost':
      return known(costSoFar(asOf), 'float8');
  }
}

function named(value: SQL): OrderKey {
  return { value: sql`${value} collate "C"`, type: 'text' };
}

/** Nodes without a value come last, whatever the direction. */
function knownFirst({ value, type }: OrderKey, descending: boolean): OrderKey[] {
  const isFirst = descending ? sql`(${value} is not null)` : sql`(${value} is null)`;
  const blank = { float8: sql`0`, text: sql`''`, timestamptz: sql`'epoch'::timestamptz` } as const;
  const filled = sql`coalesce(${value}, ${blank[type as keyof typeof blank]})`;
  return [
    { value: isFirst, type: 'boolean' },
    { value: filled, type },
  ];
}

/** For running launches only: there are few, so their rows are read one by one. */
function progress(): SQL {
  return sql`(case l.status when 'active' then 100 when 'launching' then
    (select n.progress from nodes n where n.id = l.node_id) end)::float8`;
}

function etaEpoch(): SQL {
  return sql`(case l.status when 'launching' then
    (select date_part('epoch', n.eta_at) from nodes n where n.id = l.node_id) end)::float8`;
}

/** US dollars from the start of the machine to its end, or to `asOf`; null where there was none or its price is unknown. */
export function costSoFar(asOf: string): SQL {
  const end = sql`coalesce(l.terminated_at, case when l.status = 'failed' then l.ended_at end, ${asOf}::timestamptz)`;
  return sql`(l.price_per_hour * greatest(0, date_part('epoch', ${end} - l.machine_at)) / 3600)`;
}
