import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SqlChangeStore } from '@launchlog/server/node/sql-change-store';
import { DATABASE_KINDS, type OpenDatabase } from '../../support/database/node-databases.js';
import { endNode, insertNode } from '../../support/database/node-rows.js';

describe.each(Object.entries(DATABASE_KINDS))('what changes among nodes, asked of %s', (_, openDatabase) => {
  let open: OpenDatabase;
  let changes: SqlChangeStore;

  beforeAll(async () => {
    open = await openDatabase();
    changes = new SqlChangeStore({ database: open.database, clock: systemClock });
  });
  beforeEach(() => open.database.query('delete from nodes', []));
  afterAll(() => open.stop());

  const idsOf = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id);

  test('reports the time of the database', async () => {
    expect(Math.abs((await changes.now()) - Date.now())).toBeLessThan(60_000);
  });

  test('counts the nodes that belong to a stream, of which it reads a limited number', async () => {
    const since = await changes.now();
    const ids = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        insertNode(open.database, { deploymentId: index < 3 ? 'd-1' : 'd-2' }),
      ),
    );
    await endNode(open.database, ids[0] ?? '', { endedMsAgo: 60_000 });
    const query = { createdSinceMs: 0, endedSinceMs: since - 30_000 };
    expect(await changes.countJoined({}, query)).toBe(4);
    expect(await changes.countJoined({ deploymentId: 'd-1' }, query)).toBe(2);
    expect(await changes.joined({}, { ...query, limit: 3 })).toHaveLength(3);
    expect(await changes.countJoined({}, { ...query, createdSinceMs: since + 3_600_000 })).toBe(0);
  });

  test('finds those that have ended among many nodes', async () => {
    const [running, active, failed, terminating, terminated] = await Promise.all(
      Array.from({ length: 5 }, () => insertNode(open.database)),
    );
    if (!running || !active || !failed || !terminating || !terminated) throw new Error('no nodes');
    await endNode(open.database, active);
    await endNode(open.database, failed, { failureReason: 'quota' });
    await endNode(open.database, terminating, { status: 'terminating' });
    await endNode(open.database, terminated, { status: 'terminated' });
    const strangers = Array.from({ length: 2_000 }, () => crypto.randomUUID());
    const ended = await changes.endedAmong([running, active, ...strangers, failed, terminating, terminated]);
    expect(ended.toSorted()).toEqual([active, failed, terminated].toSorted());
    expect(await changes.endedAmong([])).toEqual([]);
  });

  test('finds changes by their time, each page behind the one before', async () => {
    const startMs = await changes.now();
    const ids = [
      await insertNode(open.database),
      await insertNode(open.database),
      await insertNode(open.database),
    ];
    await endNode(open.database, ids[0] ?? '');
    const first = await changes.changedSince({ changedAtMs: startMs }, 2);
    const last = first.at(-1);
    const cursor = { changedAtMs: Date.parse(last?.updatedAt ?? ''), afterId: last?.id };
    const second = await changes.changedSince(cursor, 2);
    expect([...idsOf(first), ...idsOf(second)].toSorted()).toEqual(ids.toSorted());
    expect(second.at(-1)).toMatchObject({ id: ids[0], status: 'active' });
    expect(await changes.changedSince({ changedAtMs: startMs + 3_600_000 }, 2)).toEqual([]);
  });

  test('knows who runs or ended lately, in a deployment and a tenant', async () => {
    const running = await insertNode(open.database, { deploymentId: 'mine' });
    const ended = await insertNode(open.database, { deploymentId: 'mine', tenantId: 'them' });
    const old = await insertNode(open.database, { deploymentId: 'mine' });
    const other = await insertNode(open.database);
    await endNode(open.database, ended, { endedMsAgo: 1_000 });
    await endNode(open.database, old, { endedMsAgo: 7_200_000 });
    const nowMs = await changes.now();
    const joined = (endedSinceMs: number) =>
      changes.joined({ deploymentId: 'mine' }, { createdSinceMs: 0, endedSinceMs, limit: 10 });
    expect(idsOf(await joined(nowMs))).toEqual([running]);
    expect(idsOf(await joined(nowMs - 60_000))).toEqual([running, ended]);
    expect(idsOf(await changes.endedSince({}, nowMs - 60_000, 10))).toEqual([ended]);
    expect(idsOf(await changes.endedSince({}, 0, 10))).toEqual([ended, old]);
    expect(idsOf(await changes.endedSince({ tenantId: 'them' }, 0, 10))).toEqual([ended]);
    expect(idsOf(await changes.among({ tenantId: 'them' }, [running, ended, other]))).toEqual([ended]);
    expect(idsOf(await changes.among({ deploymentId: 'mine' }, [old, other]))).toEqual([old]);
    expect(await changes.among({}, [])).toEqual([]);
  });
});
