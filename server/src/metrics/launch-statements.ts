import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { LaunchDimension, LaunchMetricsQuery, UsualPhasesQuery } from '@launchlog/shared/launch-metrics';
import { METRIC_GROUPS_MAX, METRIC_LAUNCHES_MAX } from '@launchlog/shared/launch-metrics';
import type { Reached } from './launch-metrics.js';
import type { PriceTable } from './price-table.js';

/** The newest launches that the usual durations come from; older ones no longer represent the clouds. */
const USUAL_LAUNCHES_MAX = 200;

const COLUMNS: Readonly<Record<LaunchDimension, SQL>> = {
  provider: sql`provider`,
  region: sql`region`,
  gpu: sql`gpu_type`,
  model: sql`model_name`,
  spot: sql`use_spot`,
  orchestrator: sql`orchestrator`,
  deployment: sql`deployment_id`,
  created_by: sql`created_by`,
  day: sql`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`,
  hour: sql`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:"00Z"')`,
};

/**
 * Rows `[part, key, numbers]`: part is `launches`, `phase` or `reason`; key is the JSON array of what is grouped by, or
 * null for all launches together. One statement, so that all numbers are from the same moment.
 */
export function launchStatement(
  query: Reached<LaunchMetricsQuery>,
  prices: PriceTable,
  rows = ALL_ROWS,
): SQL {
  return sql`
    with picked as materialized (
      select *, ${keyOf(query.groupBy)} as key from ${rows}
      where ${allOf(filtersOf(query))}
      order by created_at desc limit ${METRIC_LAUNCHES_MAX + 1}
    ),
    kept as (
      select key from picked where key is not null
      group by key order by count(*) desc, key limit ${METRIC_GROUPS_MAX + 1}
    ),
    down as (${downStatement()}),
    measured as materialized (
      select kept.key, loss_reason, coalesce(down.seconds, 0) as down_seconds,
        case when ended_at is not null and failure_reason is null then ${activeSeconds()} end as active_seconds, ended_at, failure_reason, failure_message, orchestrator, phase_seconds,
        ended_at is not null and failure_reason is null as succeeded,
        (select sum(value::float8) from jsonb_each_text(phase_seconds)) as launch_seconds,
        ${machineSeconds()} as start_seconds,
        ${machineSeconds()} + ${servedSeconds()} as paid_seconds,
        ${pricePerHour(prices)} as price
      from picked left join kept on kept.key = picked.key left join down on down.node_id = picked.id
    ),
    priced as materialized (
      select *, ${dollars(sql`start_seconds`)} as start_cost, ${dollars(sql`paid_seconds`)} as cost from measured
    )
    select 'launches' as part, key, ${launchNumbers()} as numbers
    from priced group by grouping sets ((key), ()) having ${isWanted()}
    union all
    select 'phase', key, ${spreadOf(sql`seconds::float8`)} || jsonb_build_object('phase', phase)
    from priced, jsonb_each_text(phase_seconds) as each_phase(phase, seconds)
    where succeeded group by grouping sets ((key, phase), (phase)) having ${isWanted()}
    union all
    select 'reason', key, jsonb_build_object('reason', failure_reason, 'launches', count(*),
      'message', coalesce((array_agg(failure_message order by ended_at desc))[1], ''))
    from priced where failure_reason <> 'cancelled' and ended_at is not null
    group by grouping sets ((key, failure_reason), (failure_reason)) having ${isWanted()}`;
}

/** One row: how many launches were looked at, and the numbers of their phases as a JSON array. */
export function usualPhasesStatement(query: Reached<UsualPhasesQuery>, rows = ALL_ROWS): SQL {
  const { provider, gpu, orchestrator, deploymentId, tenantId } = query;
  const wanted = {
    provider,
    gpu_type: gpu,
    orchestrator,
    deployment_id: deploymentId,
    tenant_id: tenantId,
  };
  return sql`
    with past as (
      select phase_seconds from ${rows}
      where ended_at is not null and failure_reason is null and ${allOf(equalities(wanted))}
      order by ended_at desc limit ${USUAL_LAUNCHES_MAX}
    )
    select (select count(*)::int from past), coalesce((select jsonb_agg(numbers) from (
      select ${spreadOf(sql`seconds::float8`)} || jsonb_build_object('phase', phase) as numbers
      from past, jsonb_each_text(phase_seconds) as each_phase(phase, seconds) group by phase
    ) each), '[]')`;
}

const ALL_ROWS = sql`nodes`;

/**
 * The rows whose numbers can be added up. A program that is not of this version may have written others; looking for
 * them costs too much for the statements that usually find none.
 */
export const SOUND_ROWS = sql`(
  select * from nodes
  where jsonb_typeof(phase_seconds) = 'object' and not phase_seconds @? '$.* ? (@.type() != "number")'
    and isfinite(created_at) and (ended_at is null or isfinite(ended_at))
    and (terminated_at is null or isfinite(terminated_at))
    and coalesce(price_per_hour between 0 and 1e9, true) and gpu_count > 0
) as sound_nodes`;

function keyOf(dimensions: readonly LaunchDimension[]): SQL {
  if (dimensions.length === 0) return sql`null::jsonb`;
  return sql`jsonb_build_array(${sql.join(
    dimensions.map((dimension) => COLUMNS[dimension]),
    sql`, `,
  )})`;
}

function filtersOf(query: Reached<LaunchMetricsQuery>): SQL[] {
  const { since, until, provider, region, gpu, model, orchestrator, deploymentId, tenantId, createdBy } =
    query;
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
  return [
    ...(since === undefined ? [] : [sql`created_at >= ${since}::timestamptz`]),
    ...(until === undefined ? [] : [sql`created_at < ${until}::timestamptz`]),
    ...equalities(wanted),
  ];
}

function equalities(wanted: Readonly<Record<string, string | undefined>>): SQL[] {
  return Object.entries(wanted).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.identifier(column)} = ${value}`],
  );
}

function allOf(conditions: readonly SQL[]): SQL {
  return sql.join([sql`true`, ...conditions], sql` and `);
}

/** The cloud charges from the moment the machine is up; before that, the launch only waits. */
function machineSeconds(): SQL {
  return sql`(select coalesce(sum(value::float8), 0) from jsonb_each_text(phase_seconds)
    where key in ('instance_ready', 'installing', 'model_loading', 'health_check'))`;
}

/** After its launch has ended a machine still runs only if it serves, or was kept for inspection. */
function servedSeconds(): SQL {
  return sql`(case
    when ended_at is null or not phase_seconds ? 'instance_ready' then 0
    when failure_reason is null or (request ->> 'keepOnFailure')::boolean
      then greatest(0, extract(epoch from coalesce(terminated_at, now()) - ended_at)::float8)
    else 0 end)`;
}

function activeSeconds(): SQL {
  return sql`greatest(0, extract(epoch from coalesce(terminated_at, now()) - ended_at)::float8)`;
}

/** How long each node was unreachable while it was active: from the event that says so to the next one about that. */
function downStatement(): SQL {
  return sql`select node_id, sum(greatest(0, extract(epoch from
      least(next_at, coalesce(terminated_at, now())) - at)::float8)) as seconds
    from (
      select e.node_id, e.at, e.details ->> 'health' as health, p.terminated_at,
        lead(e.at, 1, now()) over (partition by e.node_id order by e.seq) as next_at
      from node_events e join picked p on p.id = e.node_id
      where e.kind in ('health', 'lost', 'terminating', 'terminated') and p.failure_reason is null
    ) spans where health = 'unreachable' group by node_id`;
}

/** The price of the cloud's offer; else the most specific entry of the operator's table. */
function pricePerHour(prices: PriceTable): SQL {
  const table = sql`${JSON.stringify(prices)}::jsonb`;
  const place = sql`lower(provider || ':' || region || ':' || gpu_type)`;
  const anywhere = sql`lower(provider || ':' || gpu_type)`;
  const kind = sql`case when use_spot then ':spot' else '' end`;
  const keys = [sql`${place} || ${kind}`, place, sql`${anywhere} || ${kind}`, anywhere];
  const lookUps = keys.map((key) => sql`(${table} ->> (${key}))::float8`);
  return sql`coalesce(price_per_hour, gpu_count * coalesce(${sql.join(lookUps, sql`, `)}))`;
}

/** A launch that never had a machine cost nothing, even if its price is unknown. */
function dollars(seconds: SQL): SQL {
  return sql`(case when ended_at is null then null when ${seconds} = 0 then 0 else price * ${seconds} / 3600 end)`;
}

function launchNumbers(): SQL {
  return sql`jsonb_build_object(
    'launches', count(*),
    'running', count(*) filter (where ended_at is null),
    'succeeded', count(*) filter (where succeeded),
    'failed', count(*) filter (where ended_at is not null and failure_reason <> 'cancelled'),
    'cancelled', count(*) filter (where ended_at is not null and failure_reason = 'cancelled'),
    'simulated', count(*) filter (where orchestrator = 'simulated'),
    'launchSeconds', ${spreadOf(sql`launch_seconds`, sql`succeeded`)},
    'costUntilActive', ${costOf(sql`start_cost`, sql`succeeded`)},
    'costTotal', ${costOf(sql`cost`, sql`true`)},
    'costUnsuccessful', ${costOf(sql`cost`, sql`not succeeded`)},
    'lost', count(*) filter (where loss_reason is not null),
    'preempted', count(*) filter (where loss_reason = 'preempted'),
    'activeSeconds', ${costOf(sql`active_seconds`, sql`succeeded`)},
    'downSeconds', coalesce(sum(least(down_seconds, active_seconds)) filter (where succeeded), 0))`;
}

function spreadOf(value: SQL, condition: SQL = sql`true`): SQL {
  const among = sql`filter (where ${condition} and ${value} is not null)`;
  return sql`jsonb_build_object(
    'samples', count(*) ${among},
    'average', avg(${value}) ${among},
    'p50', percentile_cont(0.5) within group (order by ${value}) ${among},
    'p95', percentile_cont(0.95) within group (order by ${value}) ${among})`;
}

function costOf(value: SQL, condition: SQL): SQL {
  return sql`${spreadOf(value, condition)} || jsonb_build_object(
    'total', sum(${value}) filter (where ${condition}))`;
}

/** Keeps the rows of all launches together and of the groups within the limit. */
function isWanted(): SQL {
  return sql`grouping(key) = 1 or key is not null`;
}
