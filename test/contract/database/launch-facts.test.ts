import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlLaunchMetrics } from '@launchlog/server/metrics/sql-launch-metrics';
import { fillLaunchFacts } from '@launchlog/server/node/fact/launch-fact-fill';
import type {
  LaunchDimension,
  LaunchMetricsGroup,
  LaunchMetricsQueryInput,
} from '@launchlog/shared/launch-metrics';
import { launchMetricsQuerySchema, launchMetricsSchema } from '@launchlog/shared/launch-metrics';
import { failureReasonSchema } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import { PHASES } from '@launchlog/shared/phase';
import { metricsStatement } from '../../support/database/metrics-statement.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';

const PRICES = { 'aws:us-west-2:a100:spot': 1, 'aws:us-west-2:a100': 2, 'gcp:h100': 3.3 };
const LAUNCHES = 180;

/**
 * Launches of every kind: running, ended, failed, cancelled, gone and not, with and without a price, with words of another
 * release, without phases, with numbers that nobody can add up.
 */
const SEED = `
  insert into nodes (id, cluster_name, provider, region, gpu_type, gpu_count, model_name, use_spot, orchestrator,
    deployment_id, tenant_id, request, created_by, created_at, status, phase, phase_seconds, price_per_hour, failure_reason,
    failure_message, loss_reason, ended_at, terminated_at)
  select gen_random_uuid(), 'c' || i || 'x' || random(), (array['aws', 'gcp', 'a-new-cloud'])[1 + i % 3],
    (array['us-west-2', 'US-WEST-2', ''])[1 + i % 7 % 3], (array['A100', 'H100'])[1 + i % 5 % 2], 1 + i % 4 * 2, 'm' || i % 6,
    i % 4 < 3, (array['simulated', 'skypilot-api', 'a-word-of-the-future'])[1 + i % 11 % 3],
    nullif('d' || i % 5, 'd0'), nullif('t' || i % 3, 't0'),
    (array['{}', '{"keepOnFailure": true}', '{"keepOnFailure": false}', '{"keepOnFailure": null}', '[]'])[1 + i % 13 % 5]::jsonb,
    'p' || i % 4, '2026-03-01'::timestamptz + i * interval '97 minutes 13.457 seconds',
    'launching', 'queued',
    case when i % 17 = 0 then '{}' when i % 19 = 0 then '{"queued": 1.25, "a-word-of-the-future": 7}'
      else jsonb_build_object('queued', round((random() * 9)::numeric, 3), 'provisioning', 40 + random() * 100) end
      || case when i % 3 > 0 and i % 17 > 0 then jsonb_build_object('instance_ready', random() * 4, 'installing', i,
        'model_loading', random() * 300, 'health_check', 5) else '{}' end,
    case when i % 5 > 2 then 0.1 * (i % 50) end,
    (array['setup_failed', 'a-word-of-the-future', 'another-word', 'cancelled', 'quota', null, null, null, null])[1 + i % 9],
    case when i % 2 = 0 then 'message ' || i end, (array['preempted', 'a-word-of-the-future', null, null])[1 + i % 4],
    case when i % 8 > 0 then '2026-03-01'::timestamptz + i * interval '97 minutes 13.457 seconds' + i * interval '1.5 seconds' end,
    case when i % 3 > 0 then '2026-03-01'::timestamptz + i * interval '104 minutes' end
  from generate_series(1, ${LAUNCHES}) i`;

/** What no program of this release writes, and no number can be made of. */
const ODD = `
  update nodes set phase_seconds = '[1]' where model_name = 'm0' and provider = 'gcp';
  update nodes set phase_seconds = '{"installing": "long"}' where model_name = 'm1' and provider = 'gcp';
  update nodes set price_per_hour = 'NaN' where model_name = 'm2' and provider = 'gcp';
  update nodes set ended_at = 'infinity' where model_name = 'm2' and provider = 'aws';
  update nodes set gpu_count = 0 where model_name = 'm3' and provider = 'gcp' and use_spot;`;

const EVENTS = `
  insert into node_events (node_id, seq, epoch, at, kind, details)
  select id, 50 + n, 'e', coalesce(ended_at, created_at) + n * interval '11 minutes',
    case when n % 7 = 5 then 'terminating' when n = 3 then 'a-word-of-the-future' else 'health' end,
    jsonb_build_object('health', (array['unreachable', 'healthy', 'degraded', 'unreachable'])[1 + (n + length(cluster_name)) % 4])
  from nodes, generate_series(1, 9) n where use_spot and model_name < 'm2'`;

describe.each(Object.entries(DATABASE_KINDS))('the facts of launches on %s', (_, open) => {
  let fixture: OpenDatabase;

  beforeAll(async () => {
    fixture = await open();
    await fixture.database.script(SEED);
    await fixture.database.script(EVENTS);
  });
  afterAll(() => fixture.stop());

  const measured = async (query: LaunchMetricsQueryInput) =>
    launchMetricsSchema.parse(
      await new SqlLaunchMetrics(fixture.database, PRICES).launches(launchMetricsQuerySchema.parse(query)),
    );

  /** What the statement has for all launches, and for each group. */
  const stated = async (groupBy: readonly LaunchDimension[], where: string) => {
    const rows = await fixture.database.query(metricsStatement(groupBy, PRICES, where), []);
    const groups = new Map<string, Stated>();
    for (const [part, key, numbers] of rows) {
      const name = JSON.stringify(key);
      const group = groups.get(name) ?? { launches: {}, phases: [], reasons: [] };
      groups.set(name, group);
      if (part === 'launches') group.launches = numbers as Numbers;
      else if (part === 'phase') group.phases.push(numbers as Numbers);
      else group.reasons.push(numbers as Numbers);
    }
    return groups;
  };

  const compare = async (query: LaunchMetricsQueryInput, where: string) => {
    const { groupBy, total, groups } = await measured(query);
    const expected = await stated(groupBy, where);
    expect(groups).toHaveLength(expected.size - 1);
    for (const found of [total, ...groups]) {
      const name =
        found === total ? 'null' : JSON.stringify(groupBy.map((each) => found.group[each] ?? null));
      const wanted = expected.get(name);
      if (wanted === undefined) throw new Error(`there is no group ${name}`);
      expectSame(found, wanted);
    }
    return total;
  };

  it('have the numbers of the statement over all nodes, in every group and window', async () => {
    const total = await compare({ groupBy: ['provider', 'region', 'gpu'] }, 'true');
    expect(total.launches).toBe(LAUNCHES);
    expect(total.uptime).toBeLessThan(1);
    await compare({ groupBy: ['day', 'spot'] }, 'true');
    await compare({ groupBy: ['hour'], provider: 'gcp' }, `provider = 'gcp'`);
    await compare({ groupBy: ['model', 'orchestrator', 'deployment', 'created_by'] }, 'true');
    await compare({ groupBy: [] }, 'true');
    const since = '2026-03-05T01:02:03.456Z';
    const until = '2026-03-19T00:00:00Z';
    await compare(
      { groupBy: ['provider'], since, until },
      `created_at >= '${since}' and created_at < '${until}'`,
    );
    await compare({ groupBy: ['gpu'], deploymentId: 'd2' }, `deployment_id = 'd2'`);
    await compare(
      { groupBy: ['day'], createdBy: 'p1', model: 'm1', region: 'US-WEST-2' },
      `created_by = 'p1' and model_name = 'm1' and region = 'US-WEST-2'`,
    );
  });

  it('follow every change of a node, and leave out what cannot be added up', async () => {
    await fixture.database.script(ODD);
    await compare({ groupBy: ['provider', 'model'] }, 'true');
    await fixture.database.script(`
      update nodes set ended_at = created_at + interval '9 minutes' where ended_at is null and model_name = 'm5';
      update nodes set terminated_at = ended_at + interval '31 minutes', loss_reason = 'preempted' where model_name = 'm4';
      update nodes set phase_seconds = '{"queued": 3, "instance_ready": 8}' where model_name = 'm5';
      update nodes set request = '{"keepOnFailure": true}', price_per_hour = 7 where provider = 'aws';
      update nodes set failure_reason = 'quota' where model_name = 'm1';
      update nodes set region = 'elsewhere', created_at = created_at - interval '1 day' where model_name = 'm3';
      update nodes set id = gen_random_uuid() where model_name = 'm3' and provider = 'aws';
      delete from nodes where model_name = 'm0' and provider = 'aws'`);
    const { launches } = await compare({ groupBy: ['provider', 'model', 'region'] }, 'true');
    expect(launches).toBeLessThan(LAUNCHES);
  });

  it('are filled in for nodes that were there before them, by any number of servers', async () => {
    const before = await measured({ groupBy: ['provider'] });
    await fixture.database.script('truncate launch_facts');
    expect((await measured({})).total.launches).toBe(0);
    await Promise.all([1, 2].map(() => fillLaunchFacts(fixture.database)));
    const { total } = await measured({ groupBy: ['provider'] });
    expect(total.launches).toBe(before.total.launches);
    expect(total.costTotal?.samples).toBe(before.total.costTotal?.samples);
  });

  it('are not written again when a launch makes progress', async () => {
    const versions = () => fixture.database.query('select xmin::text from launch_facts order by node_id', []);
    await fixture.database.script(`update nodes set ended_at = null where model_name = 'm4'`);
    const before = await versions();
    await fixture.database.script(`
      update nodes set progress = 55, phase = 'installing', phase_seconds = '{"queued": 5}', updated_at = now(),
        lease_until = now(), price_per_hour = 3, attempts = '[]' where model_name = 'm4'`);
    expect(await versions()).toEqual(before);
  });
});

interface Numbers {
  readonly [name: string]: unknown;
}
interface Stated {
  launches: Numbers;
  readonly phases: Numbers[];
  readonly reasons: Numbers[];
}

function expectSame(found: LaunchMetricsGroup, { launches, phases, reasons }: Stated): void {
  const { downSeconds, ...numbers } = launches;
  for (const [name, value] of Object.entries(numbers)) {
    expectNear(name, found[name as keyof LaunchMetricsGroup], isEmpty(value) ? undefined : value);
  }
  const active = (numbers['activeSeconds'] as { total: number | null }).total ?? 0;
  const [succeeded, lost] = [Number(numbers['succeeded']), Number(numbers['lost'])];
  expectNear('uptime', found.uptime, active > 0 ? Math.max(0, 1 - Number(downSeconds) / active) : undefined);
  expectNear(
    'preemptionRate',
    found.preemptionRate,
    succeeded > 0 ? Number(found.preempted) / succeeded : undefined,
  );
  expectNear('meanSecondsToLoss', found.meanSecondsToLoss, lost > 0 ? active / lost : undefined);
  const known = phases.filter(({ phase }) => PHASES.includes(phase as Phase));
  expect(new Set(found.phases.map(({ phase }) => phase))).toEqual(new Set(known.map(({ phase }) => phase)));
  for (const spread of found.phases) {
    expectNear(
      spread.phase,
      spread,
      known.find(({ phase }) => phase === spread.phase),
    );
  }
  expectReasons(found, reasons);
}

function expectReasons({ failureReasons }: LaunchMetricsGroup, reasons: readonly Numbers[]): void {
  const text = ({ reason, launches, message }: Numbers) =>
    `${failureReasonSchema.catch('unknown').parse(reason)} ${String(launches)} ${String(message)}`;
  expect(failureReasons.map((each) => text(each)).toSorted()).toEqual(reasons.map(text).toSorted());
}

/** Sums are added up in another order, and what has not ended lasts some milliseconds longer. */
function expectNear(name: string, found: unknown, wanted: unknown): void {
  if (typeof wanted === 'object' && wanted !== null) {
    expect(Object.keys(found ?? {}).toSorted(), name).toEqual(Object.keys(wanted).toSorted());
    for (const [field, value] of Object.entries(wanted)) {
      expectNear(`${name}.${field}`, (found as Numbers)[field], value);
    }
  } else if (typeof wanted === 'number') {
    expect(Math.abs(Number(found) - wanted), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted)));
  } else expect(found, name).toBe(wanted);
}

function isEmpty(value: unknown): boolean {
  return (value as { samples?: number } | null)?.samples === 0;
}
