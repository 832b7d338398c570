import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { isListed } from '@launchlog/server/node/node-filter';
import { KIND_SHAPE, KIND_SHAPE_INDEX } from '@launchlog/server/node/node-listing-migration';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { nodeListQuerySchema } from '@launchlog/shared/node';
import type { Node, NodeListQuery } from '@launchlog/shared/node';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { listedPages } from '../../support/database/listed-pages.js';
import { seedNodes } from '../../support/database/seeded-nodes.js';

/** On PostgreSQL more than are looked at first. */
const NODES = { PostgreSQL: 1_200, PGlite: 420 };
const RUNS = { PostgreSQL: 60, PGlite: 20 };

describe.each(Object.entries(DATABASE_KINDS))('pages of nodes with a text on %s', (kind, open) => {
  let database: SqlDatabase;
  let stop: () => Promise<void>;
  const { [kind as keyof typeof NODES]: count = NODES.PGlite } = NODES;
  const { [kind as keyof typeof RUNS]: runs = RUNS.PGlite } = RUNS;
  /** All of them, newest first, and what is live first. */
  let all: readonly Node[];
  let live: readonly Node[];

  const list = (query: Partial<NodeListQuery>) =>
    new SqlNodeStore({ database, clock: systemClock }).list(nodeListQuerySchema.parse(query));
  const pages = (query: Partial<NodeListQuery>) => listedPages(list, query);
  const idsOf = (found: readonly Node[]) => found.map(({ id }) => id);

  beforeAll(async () => {
    ({ database, stop } = await open());
    await database.script(seedNodes(count));
    all = await pages({ limit: 500 });
    live = await pages({ sort: 'live', limit: 500 });
  });
  afterAll(() => stop());

  it('have what the text finds, in every order that an index has, with and without other filters', async () => {
    const [, second] = all;
    for (const filter of [
      { q: 'llama' },
      { q: 'a1' },
      { q: second!.clusterName.slice(4, -3) },
      { q: 'spot- a100', status: ['failed' as const] },
      { q: 'e', gpu: 'H100', createdUntil: all[10]!.createdAt },
      { q: 'llama us-', tenantId: 'tenant-1', provider: 'gcp' as const },
    ]) {
      const query = nodeListQuerySchema.parse(filter);
      const found = idsOf(all.filter((node) => isListed(node, query)));
      expect(idsOf(await pages({ ...filter, limit: 43 }))).toEqual(found);
      expect(idsOf(await pages({ ...filter, limit: 43, sort: 'age' }))).toEqual(found);
      expect(idsOf(await pages({ ...filter, limit: 43, direction: 'asc' }))).toEqual(found.toReversed());
      const foundLive = idsOf(live).filter((id) => found.includes(id));
      expect(idsOf(await pages({ ...filter, limit: 43, sort: 'live' }))).toEqual(foundLive);
      const { nodes: page, counts } = await list({ ...filter, limit: 43, counts: true });
      expect([idsOf(page), counts?.total]).toEqual([found.slice(0, 43), found.length]);
    }
  });

  it('have what a look at each node finds, for any parts of names and any filter', async () => {
    const part = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 12 }));
    const query = fc.record({
      parts: fc.array(part, { minLength: 1, maxLength: 3 }),
      noise: fc.constantFrom('', '', '', ' zq', ' %', ' -'),
      like: fc.nat(),
      fields: fc.subarray(['tenantId', 'deploymentId', 'provider', 'region', 'gpuType', 'status'] as const, {
        maxLength: 2,
      }),
      sort: fc.constantFrom('created' as const, 'live' as const),
      limit: fc.integer({ min: 1, max: 120 }),
    });
    const property = fc.asyncProperty(query, async ({ parts, noise, like, fields, sort, limit }) => {
      const at = (place: number) => all[place % all.length]!;
      const words = parts.map(([place, field, from, length]) => {
        const { id, clusterName, modelName, deploymentId, tenantId, region } = at(place);
        const names = [id, clusterName, modelName, deploymentId ?? 'none', tenantId ?? 'none', region];
        const name = names[field % names.length]!;
        return name.slice(from % name.length).slice(0, length);
      });
      const { status, gpuType: gpu, ...others } = at(like);
      const values = { ...others, status: [status], gpuType: gpu };
      const filter = Object.fromEntries(
        fields.map((field) => [field === 'gpuType' ? 'gpu' : field, values[field]]),
      );
      const asked = { ...filter, q: words.join(' ') + noise };
      const parsed = nodeListQuerySchema.parse(asked);
      const found = idsOf((sort === 'live' ? live : all).filter((node) => isListed(node, parsed)));
      const first = await list({ ...asked, sort, limit, counts: true });
      const second =
        first.nextCursor === undefined
          ? []
          : (await list({ ...asked, sort, limit, cursor: first.nextCursor })).nodes;
      expect({ asked, ids: idsOf([...first.nodes, ...second]), total: first.counts?.total }).toEqual({
        asked,
        ids: found.slice(0, 2 * limit),
        total: found.length,
      });
    });
    await fc.assert(property, { numRuns: runs });
  });

  it('have a word that begins in the names of a kind and ends in the name of the cluster', async () => {
    const q = '-a';
    const found = all.filter((node) => isListed(node, nodeListQuerySchema.parse({ q })));
    expect(found.length).toBeGreaterThan(43);
    expect(idsOf((await list({ q, limit: 43 })).nodes)).toEqual(idsOf(found.slice(0, 43)));
  });

  it('have nodes of a region whose name has another small form in the database', async () => {
    const [{ id, clusterName } = all[1]!] = all;
    await database.query(`update nodes set region = 'İzmir' where id = $1`, [id]);
    expect(idsOf(await pages({ region: 'İzmir', q: clusterName.slice(0, 6) }))).toEqual([id]);
  });

  /** A list, and the statements that it asked. */
  const noted = async (query: Partial<NodeListQuery>) => {
    const asked: string[] = [];
    const { scanRowsMax } = database;
    const noting: SqlDatabase = {
      query: (text, parameters) => database.query(text, parameters).finally(() => asked.push(text)),
      script: (text) => database.script(text),
      close: () => database.close(),
      scanRowsMax,
    };
    const nodes = new SqlNodeStore({ database: noting, clock: systemClock });
    return { page: await nodes.list(nodeListQuerySchema.parse(query)), asked };
  };
  const readingKinds = (asked: readonly string[]) =>
    asked.filter((text) => text.includes('with found as') || text.includes('with slice as'));

  it('have none with a character that no name has, without a look at the names, and have those that get it', async () => {
    for (const q of ['~', '-/', '--', 'llama ~', 'é']) {
      const { page, asked } = await noted({ q, counts: true });
      expect([q, page.nodes, page.counts?.total, readingKinds(asked)]).toEqual([q, [], 0, []]);
    }
    const [{ id }] = all.toReversed() as [Node];
    await database.query(`update nodes set model_name = 'a-/b~é--' where id = $1`, [id]);
    for (const q of ['~', '-/', '--', 'b~ a-', 'é'])
      expect([q, idsOf(await pages({ q }))]).toEqual([q, [id]]);
    await database.query('update nodes set model_name = $2 where id = $1', [id, all.at(-1)!.modelName]);
    // The index that large installations build is the one that is asked.
    const upgrading = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    expect(upgrading).toContain(`${KIND_SHAPE_INDEX} on node_kinds ((${KIND_SHAPE}));`);
  });

  it.each([kind].filter((each) => each === 'PostgreSQL'))(
    'are found on %s among all nodes of an owner that has few, and not among the names of all',
    async () => {
      const status = ['failed' as const];
      for (const filter of [
        { tenantId: 'tenant-1' },
        { deploymentId: 'deployment-4' },
        { tenantId: 'tenant-2', status },
      ]) {
        for (const sort of ['created', 'live', 'price'] as const) {
          const asked = { ...filter, q: 'llama-3', limit: 100, sort, counts: true };
          const noting = await noted(asked);
          const query = nodeListQuerySchema.parse(asked);
          const found = idsOf(all.filter((node) => isListed(node, query)));
          expect(found.length).toBeGreaterThan(3);
          expect(new Set(idsOf(noting.page.nodes))).toEqual(new Set(found));
          expect([noting.page.counts?.total, readingKinds(noting.asked)]).toEqual([found.length, []]);
          const launching = all.filter((node) => isListed(node, { ...query, status: ['launching'] }));
          expect(noting.page.counts?.statuses.launching).toBe(launching.length);
          // How common the text is among them is seen where the order of the page has others in between, too.
          expect(noting.asked[0]).toContain('_id = any(array[');
        }
      }
    },
  );

  it.each([kind].filter((each) => each === 'PGlite'))(
    'are looked for on %s in slices alone, also among the nodes of an owner that has few',
    async () => {
      const { asked } = await noted({ q: 'a b zq', tenantId: 'tenant-1' });
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((text) => text.includes('node_counts'))).toEqual([]);
    },
  );

  it.each([kind].filter((each) => each === 'PostgreSQL'))(
    'follow the first page of a rare text on %s without following the order of all nodes',
    async () => {
      const last = live.at(-1)!;
      const { nextCursor: cursor } = await list({ sort: 'live', limit: 1 });
      const { page, asked } = await noted({ q: last.clusterName, sort: 'live', limit: 2, cursor });
      expect(idsOf(page.nodes)).toEqual([last.id]);
      // An index that knows the cursor would be followed to its end.
      const paged = asked.filter((text) => text.includes('offset 0) l where ((l.status'));
      expect(paged.map((text) => text.split('offset 0')[0]?.includes(') < ('))).toEqual([false]);
    },
  );

  it.each([kind].filter((each) => each === 'PostgreSQL'))(
    'are found among the first nodes on %s for a common word, and in the names of all for another one',
    async () => {
      const common = await noted({ q: 'a1', limit: 5 });
      expect([common.page.nodes.length, readingKinds(common.asked)]).toEqual([5, []]);
      const counted = await noted({ q: 'llama', limit: 5, counts: true });
      expect([counted.page.nodes.length, readingKinds(counted.asked)]).toEqual([5, []]);
      // The first thousand do not fill this one. Those that follow are looked at after the last that was found.
      const less = await noted({ q: 'deployment-4', limit: 75 });
      expect([less.page.nodes.length, readingKinds(less.asked)]).toEqual([75, []]);
      expect(less.asked.filter((text) => text.includes('(l.created_at, l.node_id) <'))).toHaveLength(1);
      const rare = await noted({ q: 'nothing', limit: 5 });
      expect([rare.page.nodes.length, readingKinds(rare.asked).length]).toEqual([0, 1]);
      expect(rare.asked.filter((text) => text.includes('l.names'))).toHaveLength(1);
      // A part of two characters is looked for in its own index beside a word that many have.
      const parts = await Promise.all(['llama zq', 'nothing zq'].map((q) => noted({ q })));
      const asking = parts.map(({ asked }) =>
        readingKinds(asked).filter((text) => text.includes('(select true')),
      );
      expect(asking.map(({ length }) => length)).toEqual([0, 1]);
      // The names that a filter demands narrow the search.
      const filtered = await noted({ q: 'nothing', region: 'us-west-2', gpu: 'L4', limit: 5 });
      expect(
        filtered.asked.filter((text) => text.includes('text like $1 and text like $2 and')),
      ).toHaveLength(1);
    },
  );
});
