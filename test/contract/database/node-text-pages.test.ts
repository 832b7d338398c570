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

/** More than are looked at first. */
const NODES = 420;

describe.each(Object.entries(DATABASE_KINDS))('pages of nodes with a text on %s', (kind, open) => {
  let database: SqlDatabase;
  let stop: () => Promise<void>;
  /** All of them, newest first. */
  let all: readonly Node[];

  const list = (query: Partial<NodeListQuery>) =>
    new SqlNodeStore({ database, clock: systemClock }).list(nodeListQuerySchema.parse(query));
  const pages = (query: Partial<NodeListQuery>) => listedPages(list, query);
  const idsOf = (found: readonly Node[]) => found.map(({ id }) => id);

  beforeAll(async () => {
    ({ database, stop } = await open());
    await database.script(seedNodes(NODES));
    all = await pages({ limit: 500 });
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
      const live = idsOf((await list({ sort: 'live', limit: 500 })).nodes).filter((id) => found.includes(id));
      expect(idsOf(await pages({ ...filter, limit: 43, sort: 'live' }))).toEqual(live);
      const { nodes: page, counts } = await list({ ...filter, limit: 43, counts: true });
      expect([idsOf(page), counts?.total]).toEqual([found.slice(0, 43), found.length]);
    }
  });

  it('have a word that begins in the names of a kind and ends in the name of the cluster', async () => {
    const q = '-a';
    const found = all.filter((node) => isListed(node, nodeListQuerySchema.parse({ q })));
    expect(found.length).toBeGreaterThan(43);
    expect(idsOf((await list({ q, limit: 43 })).nodes)).toEqual(idsOf(found.slice(0, 43)));
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
      expect((await ask({ q: 'nothing', limit: 5 })).nodes).toEqual([]);
      expect(asked.filter((text) => text.includes('from node_kinds where'))).not.toEqual([]);
    },
  );
});
