import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { NodeWatch } from '@launchlog/server/node/node-watch';
import { SqlChangeStore } from '@launchlog/server/node/sql-change-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { nodeListQuerySchema } from '@launchlog/shared/node';
import type { Node, NodeCounts, NodeListQuery } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { seedNodes } from '../../support/database/seeded-nodes.js';

/** What a client makes of the events of a watch. */
class Watcher {
  readonly events: NodeWatchEvent[] = [];
  readonly nodes = new Map<string, Node>();
  nodeIds: readonly string[] = [];
  more = false;
  counts: NodeCounts | undefined;
  readonly #closing = new AbortController();
  readonly ended: Promise<void>;

  constructor(watch: NodeWatch, query: Partial<NodeListQuery>) {
    this.ended = this.#read(watch, query);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return this.ended;
  }

  async #read(watch: NodeWatch, query: Partial<NodeListQuery>): Promise<void> {
    const { cursor: _, ...parsed } = nodeListQuerySchema.parse(query);
    for await (const batch of watch.watch(parsed, undefined, this.#closing.signal)) {
      for (const { event } of batch) this.#apply(event);
    }
  }

  #apply(event: NodeWatchEvent): void {
    this.events.push(event);
    if (event.type === 'node') this.nodes.set(event.node.id, event.node);
    if (event.type === 'gone') this.nodes.delete(event.nodeId);
    if (event.type === 'snapshot') for (const node of event.nodes) this.nodes.set(node.id, node);
    if (event.type !== 'snapshot' && event.type !== 'window') return;
    this.nodeIds = event.type === 'window' ? event.nodeIds : event.nodes.map(({ id }) => id);
    ({ more: this.more, counts: this.counts } = event);
  }
}

describe.each(Object.entries(DATABASE_KINDS))('watches of nodes on %s', (_, open) => {
  let database: SqlDatabase;
  let stop: () => Promise<void>;
  let nodes: SqlNodeStore;
  let watch: NodeWatch;
  let watchers: Watcher[];

  beforeAll(async () => {
    ({ database, stop } = await open());
    nodes = new SqlNodeStore({ database, clock: systemClock });
  });
  beforeEach(async () => {
    await database.script('truncate nodes');
    await database.script(seedNodes(60));
    const on = { database, clock: systemClock };
    const created = new NodeWatch({ changes: new SqlChangeStore(on), nodes, clock: systemClock });
    watch = created;
    watchers = [];
    return async () => {
      await Promise.all(watchers.map((watcher) => watcher.close()));
      created.close();
    };
  });
  afterAll(() => stop());

  function follow(query: Partial<NodeListQuery>): Watcher {
    const watcher = new Watcher(watch, query);
    watchers.push(watcher);
    return watcher;
  }
  const change = async (id: string | undefined, text: string) => {
    await database.query(`update nodes set ${text}, updated_at = now() where id = $1`, [id]);
    watch.nudge();
  };
  /** The watcher has what the list answers now. */
  async function expectCurrent(watcher: Watcher, query: Partial<NodeListQuery>): Promise<void> {
    const page = await nodes.list(nodeListQuerySchema.parse(query));
    // What nodes have cost so far grows while they are compared.
    const { counts } = page;
    await expect
      .poll(() => ({ ids: watcher.nodeIds, more: watcher.more, counts: watcher.counts }))
      .toEqual({
        ids: page.nodes.map(({ id }) => id),
        more: page.nextCursor !== undefined,
        counts: {
          ...counts,
          cost: { ...counts?.cost, total: expect.closeTo(counts?.cost?.total ?? 0, 0) as number },
        },
      });
    expect(watcher.nodeIds.every((id) => watcher.nodes.has(id))).toBe(true);
  }

  test('keep the order, the window and the counts of a filtered list up to date', async () => {
    const query = { sort: 'live', counts: true, limit: 3, provider: 'gcp' } as const;
    const watcher = follow(query);
    await expectCurrent(watcher, query);
    const first = watcher.nodeIds[0];
    await change(first, "status = 'failed', ended_at = now(), failure_reason = 'quota'");
    await expect.poll(() => watcher.nodeIds.includes(first ?? '')).toBe(false);
    await expectCurrent(watcher, query);
    const beyond = (await nodes.list(nodeListQuerySchema.parse({ ...query, sort: 'age', direction: 'desc' })))
      .nodes[0];
    await change(beyond?.id, "status = 'active', created_at = now()");
    await expect.poll(() => watcher.nodeIds[0]).toBe(beyond?.id);
    await expectCurrent(watcher, query);
    await change(beyond?.id, "provider = 'aws'");
    await expect.poll(() => watcher.nodes.has(beyond?.id ?? '')).toBe(false);
    await expectCurrent(watcher, query);
  });

  test('send no window where nobody asked for one, and changes beyond the first nodes too', async () => {
    const watcher = follow({ limit: 5 });
    await expect.poll(() => watcher.nodeIds.length).toBe(5);
    const [oldest] = (await nodes.list(nodeListQuerySchema.parse({ sort: 'age', direction: 'desc' }))).nodes;
    await change(oldest?.id, 'progress = 33');
    await expect.poll(() => watcher.nodes.get(oldest?.id ?? '')?.progress).toBe(33);
    expect(new Set(watcher.events.map(({ type }) => type))).toEqual(new Set(['snapshot', 'node']));
    expect(watcher.events[0]).not.toHaveProperty('counts');
  });

  test('read one window for all watchers of equal lists, and give them the same objects', async () => {
    let lists = 0;
    const counting = { list: (query: NodeListQuery) => ((lists += 1), nodes.list(query)) };
    const on = { database, clock: systemClock };
    const shared = new NodeWatch({ changes: new SqlChangeStore(on), nodes: counting, clock: systemClock });
    const query = { sort: 'live', counts: true, limit: 10 } as const;
    const many = Array.from({ length: 20 }, () => new Watcher(shared, query));
    await expect.poll(() => many.every(({ nodeIds }) => nodeIds.length === 10)).toBe(true);
    const snapshots = lists;
    await database.script(
      "update nodes set status = 'active', updated_at = now() where status = 'launching'",
    );
    shared.nudge();
    const windowOf = ({ events }: Watcher) => events.find(({ type }) => type === 'window');
    await expect.poll(() => many.every((watcher) => windowOf(watcher) !== undefined)).toBe(true);
    expect(new Set(many.map(windowOf)).size).toBeLessThanOrEqual(2);
    const changed = many.map(({ events }) => events.find(({ type }) => type === 'node'));
    expect(new Set(changed).size).toBe(1);
    expect(lists - snapshots).toBeLessThanOrEqual(4);
    await Promise.all(many.map((watcher) => watcher.close()));
    shared.close();
  });
});
