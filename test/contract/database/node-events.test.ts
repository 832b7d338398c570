import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import { NodeEventFeed } from '@launchlog/server/node/event/node-event-feed';
import { SqlNodeEventStore } from '@launchlog/server/node/event/sql-node-event-store';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { SqlHealthStore } from '@launchlog/server/node/sql-health-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { NOTIFICATION_MIGRATIONS } from '@launchlog/server/notification/notification-migrations';
import {
  DATABASE_KINDS,
  EMPTY_DATABASE_KINDS,
  type OpenDatabase,
} from '../../support/database/node-databases.js';
import { endNode, insertNode } from '../../support/database/node-rows.js';
import { newNode } from '../../support/sample/new-node.js';

const WATCHER = '0b000000-0000-4000-8000-000000000001';
const QUERY = { limit: 100 };

describe.each(Object.entries(DATABASE_KINDS))('what happened to a node, on %s', (_, open) => {
  let opened: OpenDatabase;
  let store: SqlNodeEventStore;
  let nodes: SqlNodeStore;
  let feed: NodeEventFeed;

  beforeAll(async () => {
    opened = await open();
    const { database } = opened;
    store = new SqlNodeEventStore(database);
    nodes = new SqlNodeStore({ database, clock: systemClock });
    feed = new NodeEventFeed({
      store,
      watch: { listen: () => () => undefined },
      clock: systemClock,
      maxAgeMs: 1_000,
    });
  });
  afterAll(() => opened.stop());
  beforeEach(() => opened.database.script('truncate nodes, node_events, node_watchers'));

  const story = async (id: string) =>
    (await feed.page(id, QUERY)).events.map(({ kind, message }) => `${kind}: ${message}`);
  const set = (id: string, changes: string) =>
    opened.database.query(`update nodes set ${changes} where id = $1`, [id]);

  it('is its whole life in order, with who did it and why', async () => {
    const id = await insertNode(opened.database);
    await set(id, `attempts = '[{"cloud":"AWS","region":"us-west-2","outcome":"trying"}]'`);
    await set(
      id,
      `attempts = '[{"cloud":"AWS","region":"us-west-2","outcome":"failed","message":"no capacity"},
        {"cloud":"AWS","region":"us-east-1","price":1.5,"outcome":"won"}]'`,
    );
    await endNode(opened.database, id);
    const health = new SqlHealthStore({ database: opened.database, clock: systemClock });
    await health.renew({ id: WATCHER, name: 'w' }, 60_000, 'simulated');
    await health.claim({ watcherId: WATCHER, orchestrator: 'simulated', limit: 9 });
    const seen = { nodeId: id, sinceMs: Date.now(), lastSignMs: Date.now() };
    await health.save(WATCHER, [{ ...seen, health: 'healthy', reason: undefined }]);
    await health.sighted(WATCHER, [{ nodeId: id, atMs: Date.now() }]);
    await health.save(WATCHER, [{ ...seen, health: 'unreachable', reason: 'It is silent.' }]);
    await health.lose(WATCHER, { ...seen, reason: 'preempted', message: 'The cloud took it back.' });
    const retry = newNode({ retryOf: id, createdBy: 'ops' });
    await nodes.create(retry);
    expect(await story(id)).toEqual([
      'launched: Launched by admin',
      'attempt: AWS us-west-2: no capacity',
      'attempt: AWS us-east-1 at $1.5 per hour: got the machine',
      'active: Active at http://203.0.113.9:8000',
      'health: Healthy',
      'health: Unreachable: It is silent.',
      'lost: Lost (preempted): The cloud took it back.',
      `relaunched: Relaunched by ops as ${retry.id}`,
    ]);
    expect(await story(retry.id)).toEqual([`launched: Launched by ops again, after ${id}`]);
  });

  it('names who cancelled and who terminated', async () => {
    const cancelled = await insertNode(opened.database);
    await nodes.requestCancel(cancelled, 'ada');
    await nodes.requestCancel(cancelled, 'bob');
    expect(await story(cancelled)).toEqual([
      'launched: Launched by admin',
      'cancelling: The launch was cancelled by ada',
    ]);
    const { node } = (await nodes.find(cancelled)) ?? {};
    expect(node).toMatchObject({ createdBy: 'admin', cancelledBy: 'ada' });
    // A launch that was quicker than the request to cancel it was cancelled by nobody.
    const quick = await insertNode(opened.database);
    await set(quick, `ended_by = 'ada', cancel_requested_at = now(), ended_at = now(), status = 'active'`);
    expect((await nodes.find(quick))?.node.cancelledBy).toBeUndefined();
    const active = await insertNode(opened.database);
    await endNode(opened.database, active);
    await nodes.requestTermination(active, 'bob');
    await set(active, `status = 'terminated', terminated_at = now()`);
    expect((await story(active)).slice(2)).toEqual([
      'terminating: Termination requested by bob',
      'terminated: Terminated',
    ]);
    expect((await nodes.find(active))?.node.terminatedBy).toBe('bob');
  });

  it('is written by the transaction that changes the node, or not at all', async () => {
    const id = await insertNode(opened.database);
    const undone = opened.database.script(
      `update nodes set status = 'terminating' where id = '${id}'; select 1 / 0;`,
    );
    await expect(undone).rejects.toThrow('division by zero');
    expect(await story(id)).toEqual(['launched: Launched by admin']);
  });

  it('numbers the events of a node without holes, however many writers there are', async () => {
    const id = await insertNode(opened.database);
    await Promise.all(
      Array.from({ length: 20 }, (__, index) =>
        set(id, `health = '${index % 2 === 0 ? 'degraded' : 'healthy'}', health_reason = '${index}'`),
      ),
    );
    const { events } = await store.read(id, 0, 100);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((__, index) => index + 1));
    expect(events.length).toBeGreaterThan(1);
  });

  it('shows kinds of a newer server as they are', async () => {
    const id = await insertNode(opened.database);
    await opened.database.query(`select add_node_event($1, 'repainted', '{"text":"in blue","by":7}')`, [id]);
    expect((await feed.page(id, QUERY)).events.at(-1)).toMatchObject({
      kind: 'repainted',
      message: 'repainted: in blue',
      details: { by: 7 },
    });
  });

  it('pages by cursor: each event once, and from a lost log again from the first', async () => {
    const id = await insertNode(opened.database);
    await endNode(opened.database, id);
    const first = await feed.page(id, { limit: 1 });
    expect(first.events.map(({ seq }) => seq)).toEqual([1]);
    const second = await feed.page(id, { limit: 9, cursor: first.nextCursor });
    expect(second.events.map(({ seq }) => seq)).toEqual([2]);
    expect(await feed.page(id, { limit: 9, cursor: second.nextCursor })).toMatchObject({
      count: 0,
      nextCursor: second.nextCursor,
    });
    for (const cursor of ['ffffffffffffffff:1', second.nextCursor.replace(':2', ':7')]) {
      const page = await feed.page(id, { limit: 9, cursor });
      expect(page).toMatchObject({ count: 2, reset: { reason: 'lost' } });
      expect(page.nextCursor).toBe(second.nextCursor);
    }
  });
});

it('nodes from before the events have those that follow from their rows', async () => {
  const { database, stop } = await (EMPTY_DATABASE_KINDS['PGlite'] as () => Promise<OpenDatabase>)();
  try {
    const before = [
      ...NODE_MIGRATIONS,
      ...NOTIFICATION_MIGRATIONS.filter(({ additive }) => additive !== true),
    ];
    await migrate(database, before);
    const [failed, gone] = [await insertNode(database), await insertNode(database)];
    await endNode(database, failed, { failureReason: 'quota', failureMessage: 'No quota.' });
    await endNode(database, gone);
    await database.query(`update nodes set status = 'terminated', terminated_at = now() where id = $1`, [
      gone,
    ]);
    await migrate(database, [...NODE_MIGRATIONS, ...NOTIFICATION_MIGRATIONS]);
    const store = new SqlNodeEventStore(database);
    const story = async (id: string) => (await store.read(id, 0, 9)).events.map(({ message }) => message);
    expect(await story(failed)).toEqual(['Launched by admin', 'The launch failed (quota): No quota.']);
    expect(await story(gone)).toEqual(['Launched by admin', 'Active', 'Terminated']);
  } finally {
    await stop();
  }
});
