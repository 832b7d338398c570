import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { UsualPhasesQuery } from '@launchlog/shared/launch-metrics';
import { PHASES } from '@launchlog/shared/phase';
import type { Reached } from './launch-metrics.js';

/** The newest launches that the usual durations come from; older ones no longer represent the clouds. */
const USUAL_LAUNCHES_MAX = 200;

/** One row: the number of launches, and the statistics of their phases as a JSON array. */
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
      from past, jsonb_each_text(phase_seconds) as each_phase(phase, seconds)
      where phase = any(${KNOWN_PHASES}::text[]) group by phase
    ) each), '[]')`;
}

const ALL_ROWS = sql`nodes`;
/** Rows may have words of a newer release. */
const KNOWN_PHASES = `{${PHASES.join(',')}}`;

/**
 * The rows whose seconds can be added up. A program that is not of this version may have written others, such as a number
 * that is too large for the statement; looking for them costs too much for a statement that usually finds none.
 */
export const SOUND_ROWS = sql`(
  select * from nodes
  where jsonb_typeof(phase_seconds) = 'object'
    and not phase_seconds @? '$.* ? (@.type() != "number" || @ > 1000000000)'
) as sound_nodes`;

/** Conditions for the columns whose value is requested. */
export function equalities(wanted: Readonly<Record<string, string | undefined>>): SQL[] {
  return Object.entries(wanted).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.identifier(column)} = ${value}`],
  );
}

function allOf(conditions: readonly SQL[]): SQL {
  return sql.join([sql`true`, ...conditions], sql` and `);
}

function spreadOf(value: SQL): SQL {
  return sql`jsonb_build_object('samples', count(*), 'average', avg(${value}),
    'p50', percentile_cont(0.5) within group (order by ${value}),
    'p95', percentile_cont(0.95) within group (order by ${value}))`;
}
