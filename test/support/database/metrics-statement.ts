import type { LaunchDimension } from '@launchlog/shared/launch-metrics';
import { METRIC_GROUPS_MAX, METRIC_LAUNCHES_MAX } from '@launchlog/shared/launch-metrics';
import type { PriceTable } from '@launchlog/server/metrics/price-table';

const COLUMNS: Readonly<Record<LaunchDimension, string>> = {
  provider: 'provider',
  region: 'region',
  gpu: 'gpu_type',
  model: 'model_name',
  spot: 'use_spot',
  orchestrator: 'orchestrator',
  deployment: 'deployment_id',
  created_by: 'created_by',
  day: `to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`,
  hour: `to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:"00Z"')`,
};

const SOUND_ROWS = `(
  select * from nodes
  where jsonb_typeof(phase_seconds) = 'object' and not phase_seconds @? '$.* ? (@.type() != "number")'
    and isfinite(created_at) and (ended_at is null or isfinite(ended_at))
    and (terminated_at is null or isfinite(terminated_at))
    and coalesce(price_per_hour between 0 and 1e9, true) and gpu_count > 0
) as sound_nodes`;

/**
 * Launch metrics as one statement over the table of nodes: what they are defined by, and too slow for many nodes. Rows
 * `[part, key, numbers]`: part is `launches`, `phase` or `reason`; key is the JSON array of what is grouped by, or null for
 * all launches together. `where` is SQL.
 */
export function metricsStatement(
  groupBy: readonly LaunchDimension[],
  prices: PriceTable,
  where = 'true',
): string {
  const key =
    groupBy.length === 0
      ? 'null::jsonb'
      : `jsonb_build_array(${groupBy.map((name) => COLUMNS[name]).join(', ')})`;
  return `
    with picked as materialized (
      select *, ${key} as key from ${SOUND_ROWS} where ${where}
      order by created_at desc limit ${METRIC_LAUNCHES_MAX + 1}
    ),
    kept as (
      select key from picked where key is not null
      group by key order by count(*) desc, key limit ${METRIC_GROUPS_MAX + 1}
    ),
    down as (${DOWN}),
    measured as materialized (
      select kept.key, loss_reason, coalesce(down.seconds, 0) as down_seconds,
        case when ended_at is not null and failure_reason is null then ${SINCE_END} end as active_seconds,
        ended_at, failure_reason, failure_message, orchestrator, phase_seconds,
        ended_at is not null and failure_reason is null as succeeded,
        (select sum(value::float8) from jsonb_each_text(phase_seconds)) as launch_seconds,
        ${MACHINE_SECONDS} as start_seconds,
        ${MACHINE_SECONDS} + ${SERVED_SECONDS} as paid_seconds,
        ${pricePerHour(prices)} as price
      from picked left join kept on kept.key = picked.key left join down on down.node_id = picked.id
    ),
    priced as materialized (
      select *, ${dollars('start_seconds')} as start_cost, ${dollars('paid_seconds')} as cost from measured
    )
    select 'launches' as part, key, ${LAUNCH_NUMBERS} as numbers
    from priced group by grouping sets ((key), ()) having ${IS_WANTED}
    union all
    select 'phase', key, ${spreadOf('seconds::float8')} || jsonb_build_object('phase', phase)
    from priced, jsonb_each_text(phase_seconds) as each_phase(phase, seconds)
    where succeeded group by grouping sets ((key, phase), (phase)) having ${IS_WANTED}
    union all
    select 'reason', key, jsonb_build_object('reason', failure_reason, 'launches', count(*),
      'message', coalesce((array_agg(failure_message order by ended_at desc))[1], ''))
    from priced where failure_reason <> 'cancelled' and ended_at is not null
    group by grouping sets ((key, failure_reason), (failure_reason)) having ${IS_WANTED}`;
}

const IS_WANTED = 'grouping(key) = 1 or key is not null';
const SINCE_END = `greatest(0, extract(epoch from coalesce(terminated_at, now()) - ended_at)::float8)`;
const MACHINE_SECONDS = `(select coalesce(sum(value::float8), 0) from jsonb_each_text(phase_seconds)
  where key in ('instance_ready', 'installing', 'model_loading', 'health_check'))`;
const SERVED_SECONDS = `(case
  when ended_at is null or not phase_seconds ? 'instance_ready' then 0
  when failure_reason is null or (request ->> 'keepOnFailure')::boolean then ${SINCE_END}
  else 0 end)`;
const DOWN = `select node_id, sum(greatest(0, extract(epoch from
    least(next_at, coalesce(terminated_at, now())) - at)::float8)) as seconds
  from (
    select e.node_id, e.at, e.details ->> 'health' as health, p.terminated_at,
      lead(e.at, 1, now()) over (partition by e.node_id order by e.seq) as next_at
    from node_events e join picked p on p.id = e.node_id
    where e.kind in ('health', 'lost', 'terminating', 'terminated') and p.failure_reason is null
  ) spans where health = 'unreachable' group by node_id`;

function pricePerHour(prices: PriceTable): string {
  const place = `lower(provider || ':' || region || ':' || gpu_type)`;
  const anywhere = `lower(provider || ':' || gpu_type)`;
  const kind = `case when use_spot then ':spot' else '' end`;
  const lookUps = [`${place} || ${kind}`, place, `${anywhere} || ${kind}`, anywhere].map(
    (key) => `('${JSON.stringify(prices)}'::jsonb ->> (${key}))::float8`,
  );
  return `coalesce(price_per_hour, gpu_count * coalesce(${lookUps.join(', ')}))`;
}

function dollars(seconds: string): string {
  return `(case when ended_at is null then null when ${seconds} = 0 then 0 else price * ${seconds} / 3600 end)`;
}

function spreadOf(value: string, condition = 'true'): string {
  const among = `filter (where ${condition} and ${value} is not null)`;
  return `jsonb_build_object(
    'samples', count(*) ${among},
    'average', avg(${value}) ${among},
    'p50', percentile_cont(0.5) within group (order by ${value}) ${among},
    'p95', percentile_cont(0.95) within group (order by ${value}) ${among})`;
}

function costOf(value: string, condition: string): string {
  return `${spreadOf(value, condition)} || jsonb_build_object(
    'total', sum(${value}) filter (where ${condition}))`;
}

const LAUNCH_NUMBERS = `jsonb_build_object(
  'launches', count(*),
  'running', count(*) filter (where ended_at is null),
  'succeeded', count(*) filter (where succeeded),
  'failed', count(*) filter (where ended_at is not null and failure_reason <> 'cancelled'),
  'cancelled', count(*) filter (where ended_at is not null and failure_reason = 'cancelled'),
  'simulated', count(*) filter (where orchestrator = 'simulated'),
  'launchSeconds', ${spreadOf('launch_seconds', 'succeeded')},
  'costUntilActive', ${costOf('start_cost', 'succeeded')},
  'costTotal', ${costOf('cost', 'true')},
  'costUnsuccessful', ${costOf('cost', 'not succeeded')},
  'lost', count(*) filter (where loss_reason is not null),
  'preempted', count(*) filter (where loss_reason = 'preempted'),
  'activeSeconds', ${costOf('active_seconds', 'succeeded')},
  'downSeconds', coalesce(sum(least(down_seconds, active_seconds)) filter (where succeeded), 0))`;
