import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { fillNodeListing } from '@launchlog/server/node/node-listing-fill';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { nodeListQuerySchema } from '@launchlog/shared/node';
import type { NodeListQuery } from '@launchlog/shared/node';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { seedNodes } from '../../support/database/seeded-nodes.js';
import { ExplainingDatabase } from '../../support/database/touched-rows.js';
import { eventually } from '../../support/within.js';

const NODES = 200;
/** Changes that wait to be moved, beyond which a writer moves them. */
const CHANGES_MAX = 512;
const WRITERS = 30;
/** No node is older, so that this filter selects all of them; nodes are not counted by it. */
const EVER = { createdSince: '2000-01-01T00:00:00.000Z' };
const FILTERS: readonly Partial<NodeListQuery>[] = [
  {},
  { status: ['active'] },
  { status: ['terminated', 'lost'] },
  { tenantId: 'tenant-1' },
  { tenantId: 'tenant-2', status: ['failed'] },
  { tenantId: 'nobody' },
  { deploymentId: 'deployment-4' },
  { provider: 'gcp' },
  { region: 'us-west-2' },
  { gpu: 'H100', status: ['launching', 'active'] },
  { tenantId: 'tenant-1', provider: 'aws' },
  { spot: true },
];

describe.each(Object.entries(DATABASE_KINDS))('counts of nodes on %s', (kind, open) => {
  let database: SqlDatabase;
  let stop: () => Promise<void>;
  const counts = async (query: Partial<NodeListQuery>, asOf = Date.now()) => {
    const clock = { ...systemClock, now: () => asOf };
    const nodes = new SqlNodeStore({ database, clock });
    return (await nodes.list(nodeListQuerySchema.parse({ ...query, counts: true, limit: 1 }))).counts;
  };
  const number = async (text: string) => Number((await database.query(`select ${text}`, []))[0]?.[0]);
  const waiting = () => number('count(*) from node_count_changes');
  /** The counts of all filters, which are those of a look at all nodes at the same moment. */
  const exact = async (asOf = Date.now()) => {
    const all = await Promise.all(FILTERS.map((filter) => counts(filter, asOf)));
    for (const [index, filter] of FILTERS.entries()) {
      const looked = await counts({ ...filter, ...EVER }, asOf);
      const { cost, ...kept } = all[index]!;
      expect({ filter, ...kept }).toEqual({ filter, total: looked?.total, statuses: looked?.statuses });
      expect(cost?.total).toBeCloseTo(looked?.cost?.total ?? NaN, 6);
      expect(cost?.hourly).toBeCloseTo(looked?.cost?.hourly ?? NaN, 6);
    }
    return all[0]!;
  };

  beforeAll(async () => {
    ({ database, stop } = await open());
    await database.script(seedNodes(NODES));
  });
  afterAll(() => stop());

  it('are those of a look at all nodes, before and after every kind of change', async () => {
    expect((await exact()).total).toBe(NODES);
    for (const change of [
      `set status = 'terminated', terminated_at = now() where status = 'active' and provider = 'gcp'`,
      `set loss_reason = 'preempted' where status = 'terminated' and tenant_id = 'tenant-1'`,
      `set tenant_id = 'tenant-2', deployment_id = null, region = 'us-west-2' where gpu_type = 'L4'`,
      `set price_per_hour = price_per_hour * 3 where status = 'active'`,
      `set price_per_hour = null where use_spot`,
      `set phase_seconds = '{"queued":1,"provisioning":2}', health = 'degraded' where status <> 'failed'`,
      `set status = 'failed', ended_at = now(), terminated_at = null where provider = 'azure'`,
      `set ended_at = null where status = 'failed' and region = 'us-west-2'`,
    ]) {
      await database.script(`update nodes ${change}`);
      await exact();
    }
    await database.script(`delete from nodes where provider = 'lambda'`);
    const { total } = await exact();
    expect(total).toBeLessThan(NODES);
    expect(await number(`count(*) from node_counts where nodes = 0`)).toBe(0);
  });

  it('have the cost until the moment that is asked for, also before a machine came up', async () => {
    const soon = Date.now() + 60 * 60_000;
    await database.script(`update nodes set created_at = to_timestamp(${soon / 1000}), price_per_hour = 7
      where status = 'active' and provider = 'aws'`);
    const now = await exact();
    expect((await exact(soon + 24 * 60 * 60_000)).cost!.total).toBeGreaterThan(now.cost!.total);
    await exact(Date.parse('2001-01-01T00:00:00Z'));
  });

  it('are not spoiled by a price or a time that is not a number', async () => {
    const before = await counts({});
    for (const value of [`'NaN'`, `'infinity'`, `'-infinity'`]) {
      await database.script(`update nodes set price_per_hour = ${value} where region = 'us-east-1'`);
      await database.script(`update nodes set ended_at = 'infinity' where status = 'failed'`);
      const { total, statuses, cost } = (await counts({}))!;
      expect({ total, statuses }).toEqual({ total: before?.total, statuses: before?.statuses });
      expect(cost?.total).toBeGreaterThan(0);
    }
    await database.script(`update nodes set price_per_hour = 1, ended_at = created_at`);
    await exact();
  });

  it('read a few rows, however many changes there were; a transaction that is isolated moves none', async () => {
    const changeEach = (isolation: string) => `
      set transaction isolation level ${isolation};
      do $$ declare one uuid; begin
        for one in select id from nodes, generate_series(1, 6) loop
          update nodes set status = case status when 'active' then 'terminating' else 'active' end where id = one;
        end loop;
      end $$`;
    await database.script(changeEach('read committed'));
    expect(await waiting()).toBeLessThanOrEqual(CHANGES_MAX * 2);
    await exact();
    const explaining = new ExplainingDatabase(database);
    await new SqlNodeStore({ database: explaining, clock: systemClock }).list(
      nodeListQuerySchema.parse({ counts: true, limit: 1 }),
    );
    expect(explaining.touched).toBeLessThan(CHANGES_MAX * 10);
    if (kind === 'PGlite') return;
    await database.script(changeEach('repeatable read'));
    expect(await waiting()).toBeGreaterThan(CHANGES_MAX * 2);
    await exact();
  });

  it('are exact with many writers at once, and show a writer its own change', async () => {
    const ids = (await database.query(`select id from nodes order by id limit ${WRITERS}`, [])).map(
      ([id]) => id,
    );
    await database.script(`update nodes set tenant_id = null where id = any('{${ids.join(',')}}')`);
    await Promise.all(
      ids.map(async (id, index) => {
        const tenantId = `own-${index}`;
        for (const status of ['launching', 'active', 'terminating', 'active'] as const) {
          await database.query(`update nodes set status = $2, tenant_id = $3 where id = $1`, [
            id,
            status,
            tenantId,
          ]);
          expect((await counts({ tenantId }))?.statuses).toMatchObject({ [status]: 1 });
          expect((await counts({ tenantId }))?.total).toBe(1);
        }
      }),
    );
    await exact();
  });

  it.each([kind].filter((each) => each !== 'PGlite'))(
    'are written on %s by none that waits for another one, while that moves changes',
    async () => {
      const [[one], [other]] = (await database.query(`select id from nodes order by id limit 2`, [])) as [
        [string],
        [string],
      ];
      await database.query(`update nodes set health = null where id = $1`, [other]);
      // Ends once it sees what the other one has written meanwhile.
      const first = database.script(`update nodes set status = 'launching' where id = '${one}';
        select move_node_count_changes(1000000);
        do $$ begin
          for i in 1..400 loop
            if exists (select from node_listing where node_id = '${other}' and health = 'moved') then return; end if;
            perform pg_sleep(0.02);
          end loop;
          raise 'the other writer waits';
        end $$`);
      await eventually('nobody moves changes', async () => {
        return (await number(`count(*) from pg_locks where relation = 'node_count_turn'::regclass`)) > 0;
      });
      const second =
        database.script(`update nodes set status = 'terminating', health = 'moved' where id = '${other}';
        select move_node_count_changes(1000000)`);
      await Promise.all([first, second]);
      expect((await exact()).statuses.terminating).toBeGreaterThan(0);
    },
  );

  it('are counted again at a start, if rows were written without triggers, and of no nodes are none', async () => {
    await database.script(`set local session_replication_role = replica;
      delete from node_listing where provider = 'gcp'; delete from nodes where provider = 'gcp'`);
    await fillNodeListing(database);
    await exact();
    expect((await counts({ provider: 'gcp' }))?.total).toBe(0);
    expect(await waiting()).toBe(0);
    await database.script('truncate nodes');
    expect((await exact()).total).toBe(0);
  });
});
