import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { isListed } from '@launchlog/server/node/node-filter';
import { fillNodeListing } from '@launchlog/server/node/node-listing-fill';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { heavyWork } from '@launchlog/server/wait/fair-turns';
import { costSoFar } from '@launchlog/shared/node-cost';
import { NODE_SORTS, NODE_STATUSES, nodeListQuerySchema } from '@launchlog/shared/node';
import type { Node, NodeListQuery, NodeSort } from '@launchlog/shared/node';
import { EMPTY_DATABASE_KINDS } from '../../support/database/node-databases.js';
import { listedPages } from '../../support/database/listed-pages.js';
import { seedNodes } from '../../support/database/seeded-nodes.js';
import { ExplainingDatabase } from '../../support/database/touched-rows.js';

/** Nodes whose machine costs money now: it came up, and neither ended nor failed. */
function isRunning({ status, terminatedAt, phaseSeconds }: Node): boolean {
  const isOver = status === 'failed' || status === 'terminated' || terminatedAt !== undefined;
  return phaseSeconds.provisioning !== undefined && !isOver;
}

const NODES = 240;
const AFTER_LISTING = new Set([
  'create the listing of nodes',
  'find parts of names and ids',
  'count nodes',
  'add the names of nodes to the listing',
  'find the shapes of names',
]);
const beforeListing = NODE_MIGRATIONS.filter(({ name }) => !AFTER_LISTING.has(name));
/** So many kinds make a word common that all of them have. */
const KINDS = 6_000;
const ADD_KINDS = `insert into node_kinds (id, text)
  select md5('kind-' || i)::uuid, concat_ws(E'\\n', 'stem-' || i || '-', repeat('=', 600), 'llama', 'gcp', 'us-east-1', 'l4')
  from generate_series(1, ${KINDS}) i; analyze node_kinds`;
const CENT = 0.01;
/** In dollars per hour, times milliseconds: ten seconds of a node at 100 dollars. */
const OVERTAKEN_MAX = 1_000_000;

describe.each(Object.entries(EMPTY_DATABASE_KINDS))('lists of nodes on %s', (kind, open) => {
  let database: SqlDatabase;
  let stop: () => Promise<void>;
  let nodes: SqlNodeStore;
  /** All of them, newest first. */
  let all: readonly Node[];

  const list = (query: Partial<NodeListQuery> = {}) => nodes.list(nodeListQuerySchema.parse(query));
  const pages = (query: Partial<NodeListQuery>) => listedPages(list, query);
  const idsOf = (found: readonly Node[]) => found.map(({ id }) => id);

  beforeAll(async () => {
    ({ database, stop } = await open());
    nodes = new SqlNodeStore({ database, clock: systemClock });
    // Half of the nodes were there before the listing was.
    await migrate(database, beforeListing);
    await database.script(seedNodes(NODES / 2));
    await migrate(database, NODE_MIGRATIONS);
    await fillNodeListing(database);
    await database.script(`${seedNodes(NODES)} where i > ${NODES / 2}`);
    all = await pages({ limit: 500 });
  });
  afterAll(() => stop());

  it('has the nodes from before the listing and those that came later', () => {
    expect(new Set(idsOf(all)).size).toBe(NODES);
    expect(new Set(all.map(({ status }) => status))).toEqual(
      new Set(NODE_STATUSES.filter((status) => status !== 'terminating')),
    );
  });

  it('has the names of nodes from before their column', async () => {
    await database.query('update node_listing set names = null where node_id = $1', [all[0]!.id]);
    await fillNodeListing(database);
    expect(idsOf(await pages({ q: all[0]!.clusterName }))).toEqual([all[0]!.id]);
    const names = await database.query('select count(*)::int from node_listing where names is null', []);
    expect(names).toEqual([[0]]);
  });

  it('makes a large page in parts, each in a turn of the event loop', async () => {
    const turn = vi.spyOn(heavyWork, 'turn');
    expect(idsOf((await list({ limit: 220 })).nodes)).toEqual(idsOf(all).slice(0, 220));
    expect(turn.mock.calls.length).toBeGreaterThanOrEqual(3);
    turn.mockRestore();
  });

  it('selects by every filter and by their combinations what the watch selects', async () => {
    const [, second, third] = all;
    const filters: Partial<NodeListQuery>[] = [
      { status: ['failed'] },
      { status: ['lost', 'launching'] },
      { status: ['terminated'], provider: 'aws' },
      { status: [] },
      { health: ['degraded'] },
      { reason: ['quota', 'cancelled'], spot: false },
      { region: 'us-west-2', gpu: 'H100' },
      { spot: true, tenantId: 'tenant-1' },
      { deploymentId: 'deployment-4' },
      { createdSince: all[100]!.createdAt, createdUntil: all[20]!.createdAt },
      { endedSince: all[90]!.createdAt, endedUntil: all[30]!.createdAt },
      { q: second!.clusterName },
      { q: second!.clusterName.slice(6, -2).toUpperCase() },
      { q: second!.id.slice(3, 20) },
      { q: third!.id },
      { q: third!.clusterName.slice(-4) },
      { q: 'spot-' },
      { q: `a100-spot-${all.find(({ clusterName }) => clusterName.includes('a100-spot'))!.id.slice(0, 3)}` },
      { q: 'llama-3 deployment-1 gcp' },
      { q: 'tenant-2 a100' },
      { q: 'a100 l4' },
      { q: '  ' },
      { q: 'TENANT-' },
      { q: '%' },
      { q: '_' },
      { q: '\\' },
      { q: '-' },
      { q: 'a1' },
      { q: 'llama', status: ['active'], provider: 'gcp', spot: true },
    ];
    for (const filter of filters) {
      const query = nodeListQuerySchema.parse(filter);
      const expected = idsOf(all.filter((node) => isListed(node, query)));
      expect({ filter, ids: idsOf(await pages({ ...filter, limit: 500 })) }).toEqual({
        filter,
        ids: expected,
      });
    }
  });

  it('counts what matches on all pages, and what would match with another status', async () => {
    for (const filter of [
      {},
      { provider: 'gcp' },
      { q: 'llama-3', status: ['failed'] },
      { q: 'nothing at all' },
    ]) {
      const query = nodeListQuerySchema.parse(filter);
      const { status, ...others } = query;
      const matching = all.filter((node) => isListed(node, others));
      const statuses = Object.fromEntries(
        NODE_STATUSES.map((each) => [each, matching.filter((node) => node.status === each).length]),
      );
      const total = matching.filter((node) => status?.includes(node.status) ?? true).length;
      const listed = matching.filter((node) => status?.includes(node.status) ?? true);
      const spent = () => listed.reduce((sum, node) => sum + (costSoFar(node, Date.now()) ?? 0), 0);
      const spentBefore = spent();
      const { nodes: page, counts } = await list({ ...query, counts: true, limit: 3 });
      const spentAfter = spent();
      expect(page.length).toBeLessThanOrEqual(3);
      expect({ filter, counts }).toMatchObject({ filter, counts: { total, statuses } });
      const hourly = listed.filter(isRunning).reduce((sum, node) => sum + (node.pricePerHour ?? 0), 0);
      expect({ filter, ...counts?.cost }).toEqual({
        filter,
        hourly: expect.closeTo(hourly, 6),
        total: expect.any(Number),
      });
      // Running nodes cost more every moment, so the answer lies between what they had cost before and after it.
      expect(counts?.cost?.total).toBeGreaterThan(spentBefore - CENT);
      expect(counts?.cost?.total).toBeLessThan(spentAfter + CENT);
    }
    expect((await list({})).counts).toBeUndefined();
  });

  it('pages in every order and both directions through each node once, while others are added', async () => {
    for (const sort of NODE_SORTS) {
      for (const direction of ['asc', 'desc'] as const) {
        const whole = idsOf((await list({ sort, direction, limit: 500 })).nodes);
        const paged = idsOf(await pages({ sort, direction, limit: 37 }));
        expect({ sort, direction, paged }).toEqual({ sort, direction, paged: whole });
        expect(new Set(whole).size).toBe(NODES);
      }
    }
  });

  it.each<[NodeSort, (node: Node) => string | number | undefined, 'asc' | 'desc']>([
    ['created', ({ createdAt }) => createdAt, 'desc'],
    ['age', ({ createdAt }) => -Date.parse(createdAt), 'asc'],
    ['name', ({ clusterName }) => clusterName, 'asc'],
    ['model', ({ modelName }) => modelName, 'asc'],
    ['place', ({ provider, region }) => `${provider} ${region}`, 'asc'],
    ['gpu', ({ gpuType, gpuCount }) => `${gpuType} ${gpuCount}`, 'asc'],
    ['deployment', ({ deploymentId }) => deploymentId, 'asc'],
    ['price', ({ pricePerHour }) => pricePerHour, 'desc'],
    ['ended', ({ endedAt }) => endedAt, 'desc'],
    ['progress', ({ status, progress }) => ({ launching: progress, active: 100 })[status as string], 'desc'],
    ['live', ({ status }) => Number(status !== 'failed' && status !== 'terminated'), 'desc'],
  ])('orders by %s, and has nodes without it last', async (sort, valueOf, direction) => {
    for (const [asked, found] of [
      [direction, await list({ sort, limit: 500 })],
      [
        direction === 'asc' ? 'desc' : 'asc',
        await list({ sort, direction: direction === 'asc' ? 'desc' : 'asc', limit: 500 }),
      ],
    ] as const) {
      const values = found.nodes.map(valueOf);
      const known = values.filter((value) => value !== undefined);
      const ascending = known.toSorted((one, other) => (one < other ? -1 : Number(one > other)));
      expect(known).toEqual(asked === 'asc' ? ascending : ascending.toReversed());
      expect(values.slice(known.length).every((value) => value === undefined)).toBe(true);
    }
  });

  it('orders by what nodes have cost so far', async () => {
    const { nodes: costliest } = await list({ sort: 'cost', limit: 500 });
    const nowMs = Date.now();
    const costs = costliest.map((node) => {
      const { queued = 0, provisioning = 0 } = node.phaseSeconds;
      const from = Date.parse(node.createdAt) + (queued + provisioning) * 1_000;
      const until = node.terminatedAt ?? (node.status === 'failed' ? node.endedAt : undefined);
      const to = until === undefined ? nowMs : Date.parse(until);
      return node.pricePerHour === undefined ? -1 : node.pricePerHour * Math.max(0, to - from);
    });
    // The order is that of a moment ago; since then a dearer node may have overtaken another one by little.
    expect(costs.filter((cost, index) => cost > (costs[index - 1] ?? Infinity) + OVERTAKEN_MAX)).toEqual([]);
    expect(costs[0]).toBeGreaterThan(0);
  });

  it('refuses cursors of another order and cursors that nobody gave', async () => {
    const { nextCursor } = await list({ sort: 'name', limit: 1 });
    await expect(list({ sort: 'cost', cursor: nextCursor! })).rejects.toMatchObject({
      code: 'invalid_request',
      message: "'cursor' must be a cursor of the same order: name",
    });
    for (const values of [[], ['x', 1, 'y'], ['a', Number.NaN, all[0]!.id], ['a', 1, "' or true"]]) {
      const cursor = Buffer.from(JSON.stringify(['name', false, new Date().toISOString(), values])).toString(
        'base64url',
      );
      await expect(list({ sort: 'name', cursor })).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  it('finds the same by words that are common, and counts it', async () => {
    await database.script(ADD_KINDS);
    const last = all.at(-1)!;
    for (const q of ['llama', 'llama-3 l4', 'l', 'a1', 'us-east-1 a', `od-${last.id.slice(0, 2)}`, 'stem-']) {
      const query = nodeListQuerySchema.parse({ q });
      const expected = all.filter((node) => isListed(node, query));
      expect({ q, ids: idsOf(await pages({ q, limit: 100 })) }).toEqual({ q, ids: idsOf(expected) });
      expect((await list({ q, counts: true, limit: 1 })).counts?.total).toBe(expected.length);
    }
    // What many kinds have, but few nodes.
    await database.query(`update nodes set deployment_id = 'stem-' where id = $1`, [last.id]);
    const { nodes: found, counts } = await list({ q: 'stem-', sort: 'price', counts: true });
    expect([idsOf(found), counts?.total]).toEqual([[last.id], 1]);
  });

  it.each([kind].filter((each) => each === 'PostgreSQL'))(
    'finds a rare word among many kinds, and a part of an id, on %s without reading all of them',
    async () => {
      for (const q of ['stem-1234-', 'nothing has this', 'stem-12-ab', '%xyz_1', 'zq', 'j', 'llama zq']) {
        const explaining = new ExplainingDatabase(database);
        await new SqlNodeStore({ database: explaining, clock: systemClock }).list(
          nodeListQuerySchema.parse({ q }),
        );
        // The nodes are looked at a few times.
        expect(explaining.touched, q).toBeLessThan(KINDS / 3);
      }
      const indexes = await database.query(
        `select indexname from pg_indexes where indexdef like '%trgm%' order by indexname`,
        [],
      );
      expect(indexes).toEqual([['node_kinds_parts'], ['node_kinds_text'], ['node_listing_id_text']]);
      // A plan is compiled no more: that takes longer than any of them.
      expect(await database.query('show jit', [])).toEqual([['off']]);
      expect(await database.query('show max_parallel_workers_per_gather', [])).toEqual([['0']]);
    },
  );

  it('keeps only the first nodes of an order that no index has', async () => {
    const asked: [string, readonly unknown[]][] = [];
    const noting: SqlDatabase = {
      query: (...call) => database.query(...call).finally(() => asked.push(call)),
      script: (text) => database.script(text),
      close: () => database.close(),
    };
    const query = nodeListQuerySchema.parse({ sort: 'price', limit: 5 });
    await new SqlNodeStore({ database: noting, clock: systemClock }).list(query);
    const [[text, parameters] = ['', []]] = asked;
    const plan = await database.query(`explain (analyze) ${text}`, parameters);
    expect(JSON.stringify(plan)).toContain('top-N heapsort');
  });

  it('shows each change of a row at once, whoever wrote it', async () => {
    const [node] = all;
    const change = (text: string) => database.query(`update nodes set ${text} where id = $1`, [node!.id]);
    const ids = async (query: Partial<NodeListQuery>) => idsOf((await list({ ...query, limit: 500 })).nodes);
    await change("status = 'terminating', health = 'unreachable', deployment_id = 'moved'");
    expect(await ids({ status: ['terminating'] })).toEqual([node!.id]);
    expect(await ids({ health: ['unreachable'] })).toEqual([node!.id]);
    expect(await ids({ q: 'moved' })).toEqual([node!.id]);
    await change("status = 'terminated', terminated_at = now(), loss_reason = 'deleted'");
    expect(await ids({ status: ['lost'], deploymentId: 'moved' })).toEqual([node!.id]);
    await database.query('delete from nodes where id = $1', [node!.id]);
    expect(await ids({ q: 'moved' })).toEqual([]);
    expect((await list({ counts: true })).counts?.total).toBe(NODES - 1);
    await database.script('truncate nodes');
    expect((await list({ counts: true })).counts?.total).toBe(0);
  });
});
