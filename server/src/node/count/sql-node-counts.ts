import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { NodeFilter } from '../node-filter.js';
import { all, filterConditions } from '../sql-node-filter.js';
import { ALL_NODES } from './node-count-migration.js';

/** The filters by whose values nodes are counted. */
const SCOPES = {
  tenantId: 'tenant_id',
  deploymentId: 'deployment_id',
  provider: 'provider',
  region: 'region',
  gpu: 'gpu_type',
} as const satisfies Partial<Record<keyof NodeFilter, string>>;

const COUNTED = Object.keys(SCOPES) as (keyof typeof SCOPES)[];

/**
 * A statement for the rows `[status, nodes, dollars until then, dollars per hour]` from the counts that triggers keep; undefined if
 * nodes are not counted by such a filter. `search`: the conditions for its text. `asOf`: the moment until which machines cost money,
 * RFC 3339.
 */
export function keptCounts(
  filter: Omit<NodeFilter, 'status'>,
  search: readonly SQL[],
  asOf: string,
): SQL | undefined {
  const conditions = filterConditions(filter, search);
  if (conditions.length === 0) return statement({ scope: ALL_NODES, value: '', conditions, asOf });
  const field = COUNTED.find((each) => filter[each] !== undefined);
  if (field === undefined || conditions.length > 1) return undefined;
  return statement({ scope: SCOPES[field], value: filter[field] ?? '', conditions, asOf });
}

interface CountedScope {
  readonly scope: string;
  readonly value: string;
  /** The same on the columns of `l`. */
  readonly conditions: readonly SQL[];
  readonly asOf: string;
}

function statement({ scope, value, conditions, asOf }: CountedScope): SQL {
  const moment = sql`date_part('epoch', ${asOf}::timestamptz)::numeric`;
  const isLater = sql`l.machine_at > ${asOf}::timestamptz and l.machine_at < 'infinity' and l.terminated_at is null
    and not (l.status = 'failed' and l.ended_at is not null)
    and l.price_per_hour > '-infinity' and l.price_per_hour < 'infinity'`;
  const later = sql`l.price_per_hour::numeric * (date_part('epoch', l.machine_at)::numeric - ${moment})`;
  return sql`select status, sum(nodes)::int, ((sum(spent) + sum(rate) * ${moment} - sum(since)) / 3600)::float8,
      (case when status in ('failed', 'terminated') then 0 else sum(rate) end)::float8
    from (
      select status, nodes, spent, rate, since from node_counts where scope = ${scope} and value = ${value}
      union all
      select l.status, l.nodes, l.spent, l.rate, l.since from node_count_changes l where ${all(conditions)}
      union all
      select l.status, 0, ${later}, 0, 0 from node_listing l where ${all([isLater, ...conditions])}
    ) as part group by status having sum(nodes) <> 0`;
}
