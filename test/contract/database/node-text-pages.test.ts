import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { isListed } from '@launchlog/server/node/node-filter';
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

  it.each([kind].filter((each) => each === 'PostgreSQL'))(
    'are found among the first nodes on %s for a common word, and in the names of all for another one',
    async () => {
      const asked: string[] = [];
      const noting: SqlDatabase = {
        query: (text, parameters) => database.query(text, parameters).finally(() => asked.push(text)),
        script: (text) => database.script(text),
        close: () => database.close(),
      };
      const ask = (query: Partial<NodeListQuery>) =>
        new SqlNodeStore({ database: noting, clock: systemClock }).list(nodeListQuerySchema.parse(query));
      expect((await ask({ q: 'a1', limit: 5 })).nodes).toHaveLength(5);
      expect(asked.filter((text) => text.includes('from node_kinds where'))).toEqual([]);
      // The first thousand do not fill this one.
      expect((await ask({ q: 'deployment-4', limit: 75 })).nodes).toHaveLength(75);
      expect(asked.filter((text) => text.includes('from node_kinds where'))).toEqual([]);
      asked.length = 0;
      expect((await ask({ q: 'nothing', limit: 5 })).nodes).toEqual([]);
      expect(asked.filter((text) => text.includes('l.names'))).toHaveLength(1);
      // The names that a filter demands narrow the search.
      await ask({ q: 'nothing', region: 'us-west-2', gpu: 'L4', limit: 5 });
      expect(asked.filter((text) => text.includes('text like $1 and text like $2 and'))).toHaveLength(1);
      expect(asked.filter((text) => text.includes('from node_kinds where'))).not.toEqual([]);
    },
  );
});
