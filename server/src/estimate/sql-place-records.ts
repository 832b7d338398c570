import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { PlaceRecord } from '@launchlog/shared/cost/launch-estimate';
import { failureReasonSchema } from '@launchlog/shared/node';
import type { SqlDatabase } from '../database/sql-database.js';
import type { SqlQueries } from '../database/sql-queries.js';
import { answerOf, queriesOf } from '../database/sql-queries.js';
import type { Place, PlaceHistory, PlaceRecords } from './place-records.js';

/** Older launches no longer represent the clouds. */
const LAUNCHES_MAX = 2_000;
/** With fewer launches in the region, those anywhere at the provider say more. */
const REGION_LAUNCHES_MIN = 5;

const number = z.number().nullable();
/** place, whether of the region, launches, successes, median, p95, paid seconds, failure */
const rowSchema = z.tuple([
  z.int(),
  z.boolean(),
  z.int(),
  z.int(),
  number,
  number,
  number,
  failureReasonSchema.nullable().catch(null),
]);
type HistoryRow = z.output<typeof rowSchema>;

/** Records of places from the table of nodes: what became of each offer that a launch tried. */
export class SqlPlaceRecords implements PlaceRecords {
  readonly #queries: SqlQueries;

  constructor(database: SqlDatabase) {
    this.#queries = queriesOf(database);
  }

  async of(
    places: readonly Place[],
    among: Parameters<PlaceRecords['of']>[1],
  ): Promise<readonly PlaceHistory[]> {
    if (places.length === 0) return [];
    const rows = await answerOf(this.#queries.execute(statement(places, among)));
    const parsed = rows.map((row) => rowSchema.parse(row));
    return places.map((_, index) => {
      const mine = parsed.filter(([place]) => place === index);
      const region = mine.find(([, isRegion]) => isRegion);
      const provider = mine.find(([, isRegion]) => !isRegion);
      const few = region === undefined || region[2] < REGION_LAUNCHES_MIN;
      return few && provider !== undefined && provider[2] > (region?.[2] ?? 0)
        ? historyOf(provider)
        : historyOf(region);
    });
  }
}

function historyOf(row: HistoryRow | undefined): PlaceHistory {
  const [, isRegion = true, launches = 0, successes = 0, median, p95, paid, failure] = row ?? [];
  const record: PlaceRecord = {
    scope: isRegion ? 'region' : 'provider',
    launches,
    ...(launches > 0 && { rate: successes / launches }),
    ...(typeof median === 'number' && { median: Math.round(median) }),
    ...(typeof p95 === 'number' && { p95: Math.round(p95) }),
    ...(failure !== null && failure !== undefined && { failure }),
  };
  return { record, paidSeconds: paid ?? undefined };
}

/**
 * An attempt counts at its own region, so that an offer which was refused is not hidden by the next one that was won. A
 * launch counts once at each region, and once at each provider.
 */
function statement(
  places: readonly Place[],
  { orchestrator, owner }: Parameters<PlaceRecords['of']>[1],
): SQL {
  const asked = places.map(({ cloud, region, gpu, spot }, place) => {
    return { place, provider: cloud.toLowerCase(), region: region ?? null, gpu: gpu.toLowerCase(), spot };
  });
  return sql`
    with asked as (
      select * from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb)
        as one (place int, provider text, region text, gpu text, spot boolean)
    ),
    past as materialized (
      select id, provider, region, lower(gpu_type) as gpu, use_spot, failure_reason, phase_seconds, attempts,
        ${seconds(sql`key <> 'queued'`)} as launch_seconds,
        ${seconds(sql`key in ('instance_ready', 'installing', 'model_loading', 'health_check')`)} as paid_seconds
      from nodes
      where ended_at is not null and failure_reason is distinct from 'cancelled' and orchestrator = ${orchestrator}
        and lower(gpu_type) in (select gpu from asked) and ${ownedBy(owner)}
        and jsonb_typeof(phase_seconds) = 'object' and not phase_seconds @? '$.* ? (@.type() != "number" || @ > 1000000000)'
      order by ended_at desc limit ${LAUNCHES_MAX}
    ),
    tried as (
      select p.*, lower(coalesce(a.attempt ->> 'cloud', p.provider)) as at_provider,
        case when a.attempt is null then p.region else a.attempt ->> 'region' end as at_region,
        p.failure_reason is null and coalesce(a.attempt ->> 'outcome' = 'won', true) as succeeded,
        case when a.attempt ->> 'outcome' = 'failed' then a.attempt ->> 'reason' else p.failure_reason end as reason
      from past p left join lateral jsonb_array_elements(
        case when jsonb_typeof(p.attempts) = 'array' then p.attempts else '[]' end) as a (attempt)
        on a.attempt ->> 'outcome' in ('won', 'failed')
    ),
    ended as (
      select id, gpu, use_spot, at_provider, at_region, grouping(at_region) = 0 as of_region,
        bool_or(succeeded) as succeeded, max(launch_seconds) as launch_seconds, max(paid_seconds) as paid_seconds,
        (array_agg(reason) filter (where reason is not null))[1] as reason
      from tried
      group by grouping sets ((id, gpu, use_spot, at_provider, at_region), (id, gpu, use_spot, at_provider))
    )
    select asked.place, ended.of_region, count(*)::int, (count(*) filter (where succeeded))::int,
      percentile_cont(0.5) within group (order by launch_seconds) filter (where succeeded),
      percentile_cont(0.95) within group (order by launch_seconds) filter (where succeeded),
      percentile_cont(0.5) within group (order by paid_seconds) filter (where succeeded),
      mode() within group (order by reason) filter (where not succeeded)
    from asked join ended on ended.gpu = asked.gpu and ended.use_spot = asked.spot
      and ended.at_provider = asked.provider and (not of_region or at_region = asked.region)
    group by asked.place, ended.of_region`;
}

function seconds(phases: SQL): SQL {
  return sql`(select coalesce(sum(value::float8), 0) from jsonb_each_text(phase_seconds) where ${phases})`;
}

function ownedBy({ deploymentId, tenantId }: Parameters<PlaceRecords['of']>[1]['owner']): SQL {
  const deployment = deploymentId === undefined ? sql`true` : sql`deployment_id = ${deploymentId}`;
  const tenant = tenantId === undefined ? sql`true` : sql`tenant_id = ${tenantId}`;
  return sql`${deployment} and ${tenant}`;
}
