import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqlLaunchMetrics } from '@launchlog/server/metrics/sql-launch-metrics';
import type { NodeOwner } from '@launchlog/server/node-owner';
import { launchMetricsQuerySchema, launchMetricsSchema } from '@launchlog/shared/launch-metrics';
import type { LaunchMetricsQueryInput } from '@launchlog/shared/launch-metrics';
import type { PastLaunch } from '../../support/database/metric-launches.js';
import { insertPastLaunches } from '../../support/database/metric-launches.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';

const PHASES = {
  queued: 2,
  provisioning: 98,
  instance_ready: 60,
  installing: 240,
  model_loading: 500,
  health_check: 100,
};
const MACHINE_SECONDS = 900;
const served = (seconds: number, changes: PastLaunch = {}): PastLaunch => ({
  phaseSeconds: { ...PHASES, model_loading: seconds - 500 },
  ...changes,
});

describe.each(Object.entries(DATABASE_KINDS))('launch metrics on %s', (_, open) => {
  let fixture: OpenDatabase;

  beforeAll(async () => {
    fixture = await open();
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.database.script('truncate nodes'));

  const past = (...launches: PastLaunch[]) => insertPastLaunches(fixture.database, launches);
  const measure = async (query: LaunchMetricsQueryInput = {}, prices: Record<string, number> = {}) =>
    measureWithin({}, query, prices);
  const measureWithin = async (
    reach: NodeOwner,
    query: LaunchMetricsQueryInput,
    prices: Record<string, number> = {},
  ) => {
    const asked = { ...launchMetricsQuerySchema.parse(query), ...reach };
    return launchMetricsSchema.parse(await new SqlLaunchMetrics(fixture.database, prices).launches(asked));
  };
  const phases = (gpu: string, orchestrator?: 'simulated' | 'skypilot-api', reach: NodeOwner = {}) =>
    new SqlLaunchMetrics(fixture.database, {}).phases({ provider: 'aws', gpu, orchestrator, ...reach });

  it('are zeros where there are no launches', async () => {
    const { total, groups, truncated } = await measure();
    expect(groups).toEqual([]);
    expect(truncated).toBe(false);
    expect(total).toEqual({
      group: {},
      launches: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      simulated: 0,
      lost: 0,
      preempted: 0,
      failureReasons: [],
      phases: [],
    });
  });

  it('gives average, p50 and p95 of launch and phases, of successful launches only, with their number', async () => {
    const seconds = Array.from({ length: 20 }, (_, index) => 1_000 + index * 10);
    await past(
      ...seconds.map((each) => served(each)),
      { phaseSeconds: { queued: 5_000 }, failureReason: 'timeout' },
      { phaseSeconds: { queued: 9_000 }, running: true },
    );
    const { total } = await measure();
    expect(total.launchSeconds).toEqual({
      samples: 20,
      average: 1_095,
      p50: 1_095,
      p95: expect.closeTo(1_180.5),
    });
    expect(total.phases.map(({ phase }) => phase)).toEqual(Object.keys(PHASES));
    expect(total.phases[0]).toEqual({ phase: 'queued', samples: 20, average: 2, p50: 2, p95: 2 });
    expect(total.phases[4]).toMatchObject({ phase: 'model_loading', samples: 20, average: 595 });
    expect(total).toMatchObject({ launches: 22, running: 1, succeeded: 20, failed: 1 });
  });

  it('counts cancelled launches neither as success nor as failure, and failures by reason', async () => {
    await past(
      served(1_000),
      { failureReason: 'no_capacity' },
      { failureReason: 'quota' },
      { failureReason: 'no_capacity' },
      { failureReason: 'cancelled' },
    );
    const { total } = await measure();
    expect(total).toMatchObject({ succeeded: 1, failed: 3, cancelled: 1, successRate: 0.25 });
    expect(total.failureReasons).toEqual([
      { reason: 'no_capacity', launches: 2, message: 'It failed.' },
      { reason: 'quota', launches: 1, message: 'It failed.' },
    ]);
  });

  it('groups by what is asked for, the largest group first, and keeps the total beside it', async () => {
    await past(
      served(1_000),
      served(1_200),
      served(2_000, { request: { gpu: 'H100', deploymentId: 'd-1' }, orchestrator: 'simulated' }),
      { request: { gpu: 'H100' }, failureReason: 'quota' },
      { request: { gpu: 'H100', provider: 'gcp', region: 'us-central1' }, running: true },
    );
    const { total, groups } = await measure();
    expect(total).toMatchObject({ group: {}, launches: 5, simulated: 1 });
    expect(groups.map(({ group, launches }) => [group, launches])).toEqual(
      expect.arrayContaining([
        [{ provider: 'aws', region: 'us-west-2', gpu: 'A100' }, 2],
        [{ provider: 'aws', region: 'us-west-2', gpu: 'H100' }, 2],
        [{ provider: 'gcp', region: 'us-central1', gpu: 'H100' }, 1],
      ]),
    );
    expect(groups.at(-1)?.successRate).toBeUndefined();
    const h100 = groups.find(({ group }) => group.gpu === 'H100' && group.provider === 'aws');
    expect(h100).toMatchObject({ successRate: 0.5, launchSeconds: { samples: 1, p50: 2_000 } });
    expect(h100?.failureReasons).toEqual([{ reason: 'quota', launches: 1, message: 'It failed.' }]);
    const byDeployment = await measure({ groupBy: ['deployment', 'day', 'spot'] });
    expect(byDeployment.groups.map(({ group }) => group)).toEqual([
      { deployment: null, day: '2026-03-01', spot: true },
      { deployment: 'd-1', day: '2026-03-01', spot: true },
    ]);
    const byHour = await measure({ groupBy: ['hour'] });
    expect(byHour.groups.map(({ group }) => group)).toEqual([{ hour: '2026-03-01T12:00Z' }]);
    expect((await measure({ groupBy: [] })).groups).toEqual([]);
  });

  it('groups by who launched, and counts the launches of one person', async () => {
    const by = (createdBy: string) => ({ ...served(1_000), createdBy });
    await past(by('ada@example.com'), by('ci'), by('ada@example.com'));
    expect((await measure({ groupBy: ['created_by'] })).groups).toMatchObject([
      { group: { created_by: 'ada@example.com' }, launches: 2 },
      { group: { created_by: 'ci' }, launches: 1 },
    ]);
    expect((await measure({ createdBy: 'ci' })).total.launches).toBe(1);
    expect((await measure({ createdBy: 'Ada@example.com' })).total.launches).toBe(0);
  });

  it('looks at the launches of the window and of the filters, its beginning inclusive and its end not', async () => {
    const at = (createdAt: string, request = {}) => served(1_000, { createdAt, request });
    await past(
      at('2026-03-01T00:00:00.000Z'),
      at('2026-03-02T00:00:00.000Z', { model: 'a/b' }),
      at('2026-03-03T00:00:00.000Z'),
    );
    const count = async (query: LaunchMetricsQueryInput) => (await measure(query)).total.launches;
    expect(await count({ since: '2026-03-02T01:00:00+01:00' })).toBe(2);
    expect(await count({ since: '2026-03-01T00:00:00Z', until: '2026-03-02T00:00:00Z' })).toBe(1);
    expect(await count({ model: 'a/b' })).toBe(1);
    expect(await count({ provider: 'gcp' })).toBe(0);
    expect(await count({ region: "us-west-2' or true --" })).toBe(0);
  });

  it('counts the cost from the machine until it served, and in total until it was gone', async () => {
    await past(
      { phaseSeconds: PHASES, pricePerHour: 4, status: 'terminated', stoodSeconds: 3_600 },
      { phaseSeconds: { ...PHASES, health_check: 1_000 }, pricePerHour: 2, failureReason: 'unhealthy' },
      { phaseSeconds: { queued: 1, provisioning: 900 }, failureReason: 'no_capacity' },
      { phaseSeconds: PHASES, status: 'terminated', stoodSeconds: 60 },
    );
    const { total } = await measure();
    const start = (4 * MACHINE_SECONDS) / 3_600;
    expect(total.costUntilActive).toMatchObject({ samples: 1, total: start, average: start, p50: start });
    expect(total.costTotal).toMatchObject({ samples: 3, total: expect.closeTo(start + 4 + 1) });
    expect(total.costUnsuccessful).toMatchObject({ samples: 2, total: expect.closeTo(1) });
  });

  it('counts a machine that was kept after a failure for as long as it stands', async () => {
    const failed = { phaseSeconds: PHASES, pricePerHour: 4, failureReason: 'unhealthy' as const };
    await past({ ...failed, request: { keepOnFailure: true }, status: 'terminated', stoodSeconds: 3_600 });
    expect((await measure()).total.costTotal).toMatchObject({ samples: 1, total: expect.closeTo(5) });
  });

  it('takes the price of the nearest description in the table where the offer named none, for each GPU', async () => {
    const of = (request: Partial<PastLaunch['request']>, changes: PastLaunch = {}): PastLaunch => ({
      phaseSeconds: PHASES,
      request: { gpuCount: 4, ...request },
      status: 'terminated',
      stoodSeconds: 0,
      ...changes,
    });
    await past(
      of({ useSpot: true, model: 'spot' }),
      of({ useSpot: false, model: 'demand' }),
      of({ region: 'eu-west-1', model: 'far' }),
      of({ model: 'offer' }, { pricePerHour: 3.6 }),
      of({ provider: 'gcp', model: 'unknown' }),
    );
    const prices = { 'aws:us-west-2:a100:spot': 1, 'aws:us-west-2:a100': 2, 'aws:a100': 3 };
    const { groups } = await measure({ groupBy: ['model'] }, prices);
    const costs = Object.fromEntries(groups.map(({ group, costTotal }) => [group.model, costTotal?.total]));
    expect(costs).toEqual({ spot: 1, demand: 2, far: 3, offer: expect.closeTo(0.9), unknown: undefined });
  });

  it('reports the usual phases of a provider and GPU, and keeps simulated launches apart', async () => {
    await past(served(1_000), served(1_100), served(5_000, { orchestrator: 'simulated' }), {
      phaseSeconds: { queued: 1 },
      failureReason: 'quota',
    });
    expect(await phases('H100')).toEqual({ launches: 0, phases: [] });
    const real = await phases('A100', 'skypilot-api');
    expect(real.launches).toBe(2);
    expect(real.phases[4]).toMatchObject({ phase: 'model_loading', samples: 2, average: 550, p50: 550 });
    expect((await phases('A100')).launches).toBe(3);
  });

  it.each<[string, NodeOwner, number]>([
    ['a deployment', { deploymentId: 'chat' }, 2],
    ['a tenant', { tenantId: 'acme' }, 2],
    ['a deployment of a tenant', { deploymentId: 'chat', tenantId: 'acme' }, 1],
    ['a deployment that has none', { deploymentId: "chat' or true --" }, 0],
  ])(
    'of %s reveal nothing about other launches in any number, group or reason',
    async (_kind, reach, own) => {
      const foreign = { provider: 'gcp', region: 'us-central1', gpu: 'A100', model: 'their/model' } as const;
      await past(
        served(1_000, { pricePerHour: 4, request: { deploymentId: 'chat', tenantId: 'acme' } }),
        served(1_000, { pricePerHour: 4, request: { deploymentId: 'chat', tenantId: 'other' } }),
        served(1_000, { pricePerHour: 4, request: { deploymentId: 'other', tenantId: 'acme' } }),
        served(9_000, { pricePerHour: 900 }),
        served(9_000, { pricePerHour: 900, request: { ...foreign, deploymentId: 'Chat', tenantId: 'ACME' } }),
        { request: { ...foreign, deploymentId: 'theirs' }, failureReason: 'quota' },
        { request: foreign, running: true },
      );
      const groupBy = ['provider', 'model', 'deployment', 'day'] as const;
      const { total, groups } = await measureWithin(reach, { groupBy: [...groupBy] });
      expect(total).toMatchObject({
        launches: own,
        succeeded: own,
        failed: 0,
        running: 0,
        failureReasons: [],
      });
      expect(groups.reduce((sum, { launches }) => sum + launches, 0)).toBe(own);
      expect(groups.every(({ group }) => group.provider === 'aws' && group.model !== foreign.model)).toBe(
        true,
      );
      const spread = { samples: own, average: 1_000, p50: 1_000, p95: 1_000 };
      expect(total.launchSeconds).toEqual(own > 0 ? spread : undefined);
      expect(total.costTotal?.samples ?? 0).toBe(own);
      const usual = await phases('A100', undefined, reach);
      expect(usual.launches).toBe(own);
      expect(usual.phases.every(({ p95 }) => p95 <= 1_000)).toBe(true);
    },
  );

  it('measures the life of nodes: losses, uptime, active time per loss, cost of a useful hour', async () => {
    await past(
      {
        pricePerHour: 2,
        phaseSeconds: { instance_ready: 3_600 },
        stoodSeconds: 36_000,
        status: 'terminated',
      },
      {
        pricePerHour: 2,
        phaseSeconds: { instance_ready: 3_600 },
        stoodSeconds: 18_000,
        status: 'terminated',
      },
      {
        pricePerHour: 2,
        phaseSeconds: { instance_ready: 3_600 },
        failureReason: 'setup_failed',
        status: 'failed',
      },
    );
    await fixture.database.script(`
      update nodes set loss_reason = 'preempted' where terminated_at - ended_at = interval '5 hours';
      insert into node_events (node_id, seq, epoch, at, kind, details)
        select id, 50 + n, 'e', ended_at + n * interval '1 hour', 'health',
          jsonb_build_object('health', case n when 1 then 'unreachable' when 3 then 'healthy' else 'unreachable' end)
        from nodes, unnest(array[1, 3, 12]) n where loss_reason is null and failure_reason is null`);
    const { total } = await measure();
    expect(total).toMatchObject({
      lost: 1,
      preempted: 1,
      preemptionRate: 0.5,
      activeSeconds: { samples: 2, total: 54_000 },
      meanSecondsToLoss: 54_000,
    });
    // Two of fifteen hours unreachable: an event after the end of a node does not count.
    expect(total.uptime).toBeCloseTo(13 / 15);
    // Three launches of an hour and fifteen active hours, at $2, for thirteen useful hours.
    expect(total.costPerUsefulHour).toBeCloseTo(36 / 13);
  });
});
