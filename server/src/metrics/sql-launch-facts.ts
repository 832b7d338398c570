import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { LaunchDimension, LaunchMetricsQuery } from '@launchlog/shared/launch-metrics';
import type { SqlDatabase } from '../database/sql-database.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { Reached } from './launch-metrics.js';

/** Launches of one statement: a few milliseconds on PostgreSQL, and less than 50 on the embedded database. */
const SLICE_LAUNCHES = 10_000;
const MESSAGES_AT_ONCE = 1_000;

/** What one statement groups by. The time of a launch is in its numbers. */
export type FactColumn = Exclude<LaunchDimension, 'day' | 'hour'>;

const COLUMNS: Readonly<Record<FactColumn, SQL>> = {
  provider: sql`provider`,
  region: sql`region`,
  gpu: sql`gpu_type`,
  model: sql`model_name`,
  spot: sql`use_spot`,
  orchestrator: sql`orchestrator`,
  deployment: sql`deployment_id`,
  created_by: sql`created_by`,
};

/** Launches that share the values of the columns that were asked for. */
export interface FactGroup {
  readonly values: ReadonlyMap<FactColumn, FactValue>;
  /** The numbers of each: see `unpackLaunches`. */
  readonly packed: Uint8Array;
}

export type FactValue = string | boolean | null;

interface FactSlice {
  /** Milliseconds since 1970, by the clock of the database. */
  readonly nowMs: number;
  readonly groups: readonly FactGroup[];
}

const placeSchema = z.object({ at: z.string(), id: z.string() });
type Place = z.infer<typeof placeSchema>;
const rowSchema = z
  .tuple([
    z.number(),
    z.int(),
    z.string().nullable(),
    z.string().nullable(),
    z.instanceof(Uint8Array).nullable(),
  ])
  .rest(z.union([z.string(), z.boolean(), z.null()]));

/** Reads what launch metrics add up, in slices that are bounded. */
export class SqlLaunchFacts {
  readonly #queries: SqlQueries;

  constructor(database: SqlDatabase) {
    this.#queries = queriesOf(database);
  }

  /**
   * The launches of the query, the newest first, each once, in slices that are grouped by the columns. The caller
   * stops when it has enough.
   */
  async *slices(
    query: Reached<LaunchMetricsQuery>,
    columns: readonly FactColumn[],
  ): AsyncGenerator<FactSlice, void> {
    let place: Place | undefined;
    for (;;) {
      const text = sliceStatement(query, { columns, place });
      const rows = (await answerOf(this.#queries.execute(text))) as unknown as unknown[][];
      const parsed = rows.map((row) => rowSchema.parse(row));
      const [first] = parsed;
      if (first === undefined) return;
      const [nowMs, count, at, id] = first;
      const groups = parsed.flatMap(([, , , , packed, ...values]) =>
        packed === null
          ? []
          : [{ packed, values: new Map(columns.map((name, index) => [name, values[index] ?? null])) }],
      );
      yield { nowMs, groups };
      if (count < SLICE_LAUNCHES || at === null || id === null) return;
      place = { at, id };
    }
  }

  /** What the failures of these nodes said, by node. */
  async messages(nodeIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const messages = new Map<string, string>();
    for (let from = 0; from < nodeIds.length; from += MESSAGES_AT_ONCE) {
      const ids = `{${nodeIds.slice(from, from + MESSAGES_AT_ONCE).join(',')}}`;
      const text = sql`select replace(id::text, '-', ''), failure_message from nodes where id = any(${ids}::uuid[])`;
      const rows = (await answerOf(this.#queries.execute(text))) as unknown as unknown[][];
      for (const [id, message] of rows) if (typeof message === 'string') messages.set(String(id), message);
    }
    return messages;
  }
}

/** The time, the launches looked at, the place of the last of them, and for each group its launches and its values. */
function sliceStatement(
  query: Reached<LaunchMetricsQuery>,
  { columns, place }: { readonly columns: readonly FactColumn[]; readonly place: Place | undefined },
): SQL {
  const { since, until } = query;
  const within = [
    ...(since === undefined ? [] : [sql`created_at >= ${since}::timestamptz`]),
    ...(until === undefined ? [] : [sql`created_at < ${until}::timestamptz`]),
    ...(place === undefined
      ? []
      : [sql`(created_at, node_id) < (${place.at}::timestamptz, ${place.id}::uuid)`]),
  ];
  const names = columns.map((column) => COLUMNS[column]);
  const grouping = names.length === 0 ? sql`` : sql`group by ${sql.join(names, sql`, `)}`;
  const selected = sql.join([sql`string_agg(packed, ''::bytea) as packed`, ...names], sql`, `);
  return sql`
    with slice as materialized (
      select * from launch_facts where ${allOf(within)}
      order by created_at desc, node_id desc limit ${SLICE_LAUNCHES}
    ),
    grouped as (
      select ${selected} from slice where packed is not null and ${allOf(filtersOf(query))} ${grouping}
    )
    select (extract(epoch from now()) * 1000)::float8, (select count(*)::int from slice), last.at, last.id, grouped.*
    from (select) as one left join (select created_at::text as at, node_id::text as id from slice offset ${SLICE_LAUNCHES - 1}) last on true
    left join grouped on true`;
}

function filtersOf(query: Reached<LaunchMetricsQuery>): SQL[] {
  const { provider, region, gpu, model, orchestrator, deploymentId, tenantId, createdBy } = query;
  const wanted = {
    created_by: createdBy,
    provider,
    region,
    gpu_type: gpu,
    model_name: model,
    orchestrator,
    deployment_id: deploymentId,
    tenant_id: tenantId,
  };
  return Object.entries(wanted).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.identifier(column)} = ${value}`],
  );
}

function allOf(conditions: readonly SQL[]): SQL {
  return sql.join([sql`true`, ...conditions], sql` and `);
}
