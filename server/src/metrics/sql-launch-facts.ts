import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { LaunchDimension, LaunchMetricsQuery } from '@launchlog/shared/launch-metrics';
import type { SqlDatabase } from '../database/sql-database.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import { sqlSlices } from '../database/sql-slices.js';
import type { Reached } from './launch-metrics.js';
import { equalities } from './launch-statements.js';

/** Launches of one statement: a few milliseconds. The texts of larger ones cost the database new pages each time. */
const SLICE_LAUNCHES = 5_000;
/** Of the rows of a scan, where every other call waits for it: the bytes of the answer are read by its thread too. */
const SCAN_PART = 2;
const MESSAGES_AT_ONCE = 1_000;

/** The columns by which one statement groups. The time of a launch is in its packed facts. */
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

const rowSchema = z
  .tuple([z.number(), z.instanceof(Uint8Array).nullable()])
  .rest(z.union([z.string(), z.boolean(), z.null()]));

/** Reads the facts that launch metrics add up, in bounded slices. */
export class SqlLaunchFacts {
  readonly #queries: SqlQueries;
  readonly #rows: number;

  constructor(database: SqlDatabase) {
    this.#queries = queriesOf(database);
    const { scanRowsMax } = database;
    this.#rows = scanRowsMax === undefined ? SLICE_LAUNCHES : Math.ceil(scanRowsMax / SCAN_PART);
  }

  /**
   * The launches of the query, the newest first, each once, in slices that are grouped by the columns. The caller stops when it
   * has enough.
   */
  async *slices(
    query: Reached<LaunchMetricsQuery>,
    columns: readonly FactColumn[],
  ): AsyncGenerator<FactSlice, void> {
    const request = {
      table: sql`launch_facts`,
      within: windowOf(query),
      rows: this.#rows,
      copied: false,
      answer: () => groupsStatement(query, columns),
    };
    for await (const rows of sqlSlices(this.#queries, request)) {
      const parsed = rows.map((row) => rowSchema.parse(row));
      const groups = parsed.flatMap(([, packed, ...values]) =>
        packed === null
          ? []
          : [{ packed, values: new Map(columns.map((name, index) => [name, values[index] ?? null])) }],
      );
      const nowMs = parsed[0]?.[0];
      if (nowMs !== undefined) yield { nowMs, groups };
    }
  }

  /** The failure messages of these nodes, by node. */
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

function windowOf({ since, until }: Reached<LaunchMetricsQuery>): SQL[] {
  return [
    ...(since === undefined ? [] : [sql`l.created_at >= ${since}::timestamptz`]),
    ...(until === undefined ? [] : [sql`l.created_at < ${until}::timestamptz`]),
  ];
}

/** For each group the time, its launches and its values. */
function groupsStatement(query: Reached<LaunchMetricsQuery>, columns: readonly FactColumn[]): SQL {
  const names = columns.map((column) => COLUMNS[column]);
  const selected = [
    sql`(extract(epoch from now()) * 1000)::float8`,
    sql`string_agg(packed, ''::bytea)`,
    ...names,
  ];
  const grouping = names.length === 0 ? sql`` : sql`group by ${sql.join(names, sql`, `)}`;
  const conditions = sql.join([sql`packed is not null`, ...filtersOf(query)], sql` and `);
  return sql`select ${sql.join(selected, sql`, `)} from slice where ${conditions} ${grouping}`;
}

function filtersOf(query: Reached<LaunchMetricsQuery>): SQL[] {
  const { provider, region, gpu, model, orchestrator, deploymentId, tenantId, createdBy } = query;
  return equalities({
    created_by: createdBy,
    provider,
    region,
    gpu_type: gpu,
    model_name: model,
    orchestrator,
    deployment_id: deploymentId,
    tenant_id: tenantId,
  });
}
