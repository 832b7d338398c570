import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LaunchBudgets } from '@launchlog/server/budget/launch-budgets';
import { SqlBudgetStore } from '@launchlog/server/budget/sql-budget-store';
import { systemClock } from '@launchlog/server/clock';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import type { Market } from '@launchlog/server/orchestrator/market/market';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { launchRequest, newNode } from '../../support/sample/new-node.js';

describe.each(Object.entries(DATABASE_KINDS))('budgets on %s', (_, open) => {
  let fixture: OpenDatabase;
  let store: SqlBudgetStore;
  let nodes: SqlNodeStore;

  beforeAll(async () => {
    fixture = await open();
    const { database } = fixture;
    store = new SqlBudgetStore(database);
    nodes = new SqlNodeStore({ database, clock: systemClock });
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.database.script('truncate nodes, budgets, notices, node_events'));

  const budget = (changes: Partial<Parameters<SqlBudgetStore['create']>[0]> = {}) =>
    store.create({
      id: randomUUID(),
      name: 'chat',
      tenantId: 'acme',
      maxHourlyCost: 10,
      createdBy: 'ops',
      ...changes,
    });
  const launch = (price: number | undefined, request: Partial<LaunchRequestInput> = {}, key?: string) =>
    nodes.create({
      ...newNode({ request: launchRequest({ tenantId: 'acme', ...request }) }),
      reservedPerHour: price,
      idempotency: key === undefined ? undefined : { key, requestHash: 'same' },
    });
  const notices = async () => {
    await store.review();
    return (await fixture.database.query('select event from notices order by at', [])).flat();
  };
  const end = (where = 'true') =>
    fixture.database.script(`update nodes set status = 'terminated', terminated_at = now() where ${where}`);

  it('let exactly as many concurrent launches pass as there is room for', async () => {
    const { id } = await budget();
    const replies = await Promise.all(Array.from({ length: 12 }, () => launch(3)));
    const kinds = replies.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual([...Array(3).fill('created'), ...Array(9).fill('over_budget')]);
    expect(replies.find(({ kind }) => kind === 'over_budget')).toEqual({
      kind: 'over_budget',
      id,
      running: 9,
    });
    expect(await store.find(id)).toMatchObject({ hourlyCost: 9 });
  });

  it('count what they are about, until it is gone: other tenants and deployments are free', async () => {
    await budget({ deploymentId: 'chat', maxHourlyCost: 5 });
    expect((await launch(5, { deploymentId: 'chat' })).kind).toBe('created');
    expect((await launch(1, { deploymentId: 'chat' })).kind).toBe('over_budget');
    expect((await launch(99, { deploymentId: 'other' })).kind).toBe('created');
    expect((await launch(99, { tenantId: 'other', deploymentId: 'chat' })).kind).toBe('created');
    await end("deployment_id = 'chat'");
    expect((await launch(5, { deploymentId: 'chat' })).kind).toBe('created');
  });

  it('count the price of the machine as soon as it is known, and a kept one until it is terminated', async () => {
    const { id } = await budget();
    await launch(2, { keepOnFailure: true });
    await fixture.database.script(
      `update nodes set price_per_hour = 7.5, status = 'failed', ended_at = now()`,
    );
    expect(await store.find(id)).toMatchObject({ hourlyCost: 7.5 });
    await fixture.database.script(`update nodes set price_per_hour = 'NaN'`);
    expect((await store.find(id))?.hourlyCost).toBe(0);
    await end();
    expect(await store.find(id)).toMatchObject({ hourlyCost: 0, level: 'within' });
  });

  it('answer a repeated launch as the first, also when they are full', async () => {
    await budget({ maxHourlyCost: 5 });
    const first = await launch(5, {}, 'key');
    const again = await launch(5, {}, 'key');
    expect([first.kind, again.kind]).toEqual(['created', 'replayed']);
  });

  it('warn once at 80 %, report once what exceeds them, and again after they were left', async () => {
    const { id } = await budget();
    await launch(7);
    expect(await notices()).toEqual([]);
    await launch(1);
    expect(await notices()).toEqual(['budget.warning']);
    await Promise.all([store.review(), store.review(), store.review()]);
    expect(await notices()).toEqual(['budget.warning']);
    await store.refused(id);
    expect(await notices()).toEqual(['budget.warning', 'budget.exceeded']);
    await store.refused(id);
    expect(await notices()).toHaveLength(2);
    expect(await store.find(id)).toMatchObject({ level: 'exceeded' });
    await end();
    expect(await notices()).toHaveLength(2);
    expect(await store.find(id)).toMatchObject({ level: 'within' });
    await launch(9);
    expect(await notices()).toEqual(['budget.warning', 'budget.exceeded', 'budget.warning']);
  });

  it('notice that they were exceeded by a lower limit or a higher price, and never end what runs', async () => {
    const { id } = await budget();
    await launch(5);
    await store.change(id, { maxHourlyCost: 4 });
    expect(await notices()).toEqual(['budget.exceeded']);
    expect((await launch(undefined)).kind).toBe('over_budget');
    await store.change(id, { maxHourlyCost: 100 });
    expect(await notices()).toHaveLength(1);
    expect(await store.find(id)).toMatchObject({ level: 'within', hourlyCost: 5 });
  });

  it('reserve the price of the first offer, else the limit of the launch, else the last price, else ask for one', async () => {
    const market: { answer: () => Promise<Market> } = {
      answer: () => Promise.resolve({ offers: [{ cloud: 'AWS', spot: true, price: 3 }] }),
    };
    const orchestrator = { market: () => market.answer() };
    const budgets = new LaunchBudgets({ store, orchestrator, clock: systemClock });
    const request = launchRequest({ tenantId: 'acme', maxHourlyCost: 4 });
    expect(await budgets.reservation(request)).toBeUndefined();
    const { id } = await budget();
    expect(await budgets.reservation(request)).toBe(3);
    market.answer = () => Promise.reject(new Error('away'));
    expect(await budgets.reservation(request)).toBe(4);
    const open = launchRequest({ tenantId: 'acme' });
    await expect(budgets.reservation(open)).rejects.toMatchObject({ field: 'maxHourlyCost' });
    await launch(1);
    await fixture.database.script('update nodes set price_per_hour = 2.5');
    expect(await budgets.reservation(open)).toBe(2.5);
    expect(await budgets.refusal({ id, running: 9 }, 2)).toMatchObject({
      code: 'budget_exceeded',
      status: 409,
      message:
        "the budget 'chat' of tenant acme allows $10 per hour: $9 run now, and this launch would add $2",
    });
    expect(await store.remove(id)).toBe(true);
    expect(await store.remove(id)).toBe(false);
    expect(await store.list()).toEqual([]);
  });

  it('are found, changed, refused and removed one by one', async () => {
    const [first, second] = [
      await budget({ name: 'first' }),
      await budget({ name: 'second', tenantId: 'other' }),
    ];
    expect((await store.find(second.id))?.name).toBe('second');
    expect(await store.change(second.id, { name: 'new' })).toMatchObject({ id: second.id, name: 'new' });
    await store.refused(second.id);
    await store.review();
    const shown = async () => (await store.list()).map(({ name, level }) => [name, level]);
    expect(await shown()).toEqual([
      ['first', 'within'],
      ['new', 'exceeded'],
    ]);
    expect(await store.remove(randomUUID())).toBe(false);
    expect(await store.remove(second.id)).toBe(true);
    expect(await shown()).toEqual([['first', 'within']]);
    expect(first.level).toBe('within');
  });

  it('concern a launch of their tenant or deployment alone', async () => {
    await budget({ tenantId: 'acme', deploymentId: 'chat' });
    const concerned = async (tenantId?: string, deploymentId?: string) =>
      store.concerns({ tenantId, deploymentId });
    expect(await concerned('acme', 'chat')).toBe(true);
    expect(await concerned('acme', 'other')).toBe(false);
    expect(await concerned('other', 'chat')).toBe(false);
    expect(await concerned()).toBe(false);
  });

  it('know the last price of the same machine', async () => {
    const machine = { provider: 'aws', gpuType: 'A100', gpuCount: 1, useSpot: true } as const;
    const others = [{ provider: 'gcp' }, { gpu: 'H100' }, { gpuCount: 2 }, { useSpot: false }] as const;
    await launch(undefined, { region: undefined });
    await fixture.database.script('update nodes set price_per_hour = 2');
    for (const other of others) await launch(undefined, { region: undefined, ...other });
    await fixture.database.script('update nodes set price_per_hour = 9 where price_per_hour is null');
    await launch(undefined, { region: undefined });
    await fixture.database.script(`update nodes set price_per_hour = 'NaN' where price_per_hour is null`);
    expect(await store.lastPrice(machine)).toBe(2);
    expect(await store.lastPrice({ ...machine, gpuCount: 3 })).toBeUndefined();
  });
});
