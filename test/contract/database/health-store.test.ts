import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SqlHealthStore } from '@launchlog/server/node/sql-health-store';
import type { HealthChange, HealthWatcher } from '@launchlog/server/node/health-store';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { CLAIM, NodeRegistry } from '../../support/database/node-registry.js';
import { endNode } from '../../support/database/node-rows.js';

const LEASE_MS = 60_000;
const AT_MS = Date.parse('2026-01-01T00:00:00.000Z');

describe.each(Object.entries(DATABASE_KINDS))('the watch of active nodes on %s', (_, open) => {
  const registry = new NodeRegistry(open);
  let store: SqlHealthStore;
  let one: HealthWatcher;
  let other: HealthWatcher;

  beforeEach(async () => {
    store = new SqlHealthStore({ database: registry.database, clock: systemClock });
    one = { id: randomUUID(), name: 'one' };
    other = { id: randomUUID(), name: 'other' };
    await renew(one);
    await renew(other);
  });

  const renew = (watcher: HealthWatcher) => store.renew(watcher, LEASE_MS, 'simulated');
  const claim = async ({ id }: HealthWatcher, limit = 100) => {
    const records = await store.claim({ watcherId: id, orchestrator: 'simulated', limit });
    return records.map(({ node }) => node.id);
  };
  const find = async (id: string) => (await registry.nodes.find(id))?.node;
  const expire = ({ id }: HealthWatcher) =>
    registry.database.query("update node_watchers set until = now() - interval '1 second' where id = $1", [
      id,
    ]);
  const active = async () => {
    const { id } = await registry.create();
    await endNode(registry.database, id, { endedMsAgo: 3_600_000 });
    return id;
  };
  const change = (nodeId: string, changes: Partial<HealthChange> = {}): HealthChange => ({
    nodeId,
    health: 'degraded',
    sinceMs: AT_MS,
    reason: 'It is slow.',
    lastSignMs: AT_MS,
    ...changes,
  });
  const loss = (nodeId: string, lastSignMs = Date.now() - 1_000) => ({
    nodeId,
    reason: 'preempted' as const,
    message: 'The cloud took it back.',
    lastSignMs,
  });

  it('gives the sealed key of the model server with the node, and forgets it when the node is lost', async () => {
    const sealedSecrets = { keyId: 'key-1', bytes: new Uint8Array([7]) };
    const { id } = await registry.create({ sealedSecrets });
    const job = await registry.leases.claim({ ...CLAIM });
    await registry.leases.end(job!.lease, { status: 'active', endedAtMs: AT_MS, sealedKey: sealedSecrets });
    const [claimed] = await store.claim({ watcherId: one.id, orchestrator: 'simulated', limit: 1 });
    expect(Buffer.from(claimed?.sealedKey?.bytes ?? []).toString('hex')).toBe('07');
    await store.lose(one.id, loss(id));
    const query = 'select sealed_secrets, secrets_key_id from nodes where id = $1';
    expect(await registry.database.query(query, [id])).toEqual([[null, null]]);
  });

  it('gives each active node to one watcher, and no other node to anybody', async () => {
    const ids = [await active(), await active(), await active()];
    await registry.create();
    const [mine, theirs] = await Promise.all([claim(one, 2), claim(other, 2)]);
    expect([...mine, ...theirs, ...(await claim(one)), ...(await claim(other))].toSorted()).toEqual(
      ids.toSorted(),
    );
    expect(await claim(one)).toEqual([]);
    expect([...(await store.held(one.id)), ...(await store.held(other.id))].toSorted()).toEqual(
      ids.toSorted(),
    );
  });

  it('leaves the nodes of another orchestrator alone', async () => {
    await active();
    expect(await store.claim({ watcherId: one.id, orchestrator: 'skypilot-api', limit: 9 })).toEqual([]);
  });

  it('hands over the nodes of a watcher whose lease has expired, and of one that left', async () => {
    const id = await active();
    expect(await claim(one)).toEqual([id]);
    expect(await claim(other)).toEqual([]);
    await expire(one);
    expect(await claim(other)).toEqual([id]);
    // The late one renews, and the node stays where it is.
    await renew(one);
    expect(await claim(one)).toEqual([]);
    expect(await store.held(one.id)).toEqual([]);
    await store.leave(other.id);
    expect(await claim(one)).toEqual([id]);
  });

  it('resolves a renewal to whether a claim would take a node', async () => {
    expect(await renew(one)).toBe(false);
    const id = await active();
    expect(await renew(one)).toBe(true);
    expect(await store.renew(one, LEASE_MS, 'skypilot-api')).toBe(false);
    expect(await claim(one)).toEqual([id]);
    for (const watcher of [one, other]) expect(await renew(watcher)).toBe(false);
    await expire(one);
    expect(await renew(other)).toBe(true);
    // Its own lease ran out, and nobody has taken the node.
    expect(await renew(one)).toBe(false);
    expect(await renew(other)).toBe(false);
    await expire(one);
    expect(await claim(other)).toEqual([id]);
    await store.leave(other.id);
    expect(await renew(one)).toBe(true);
    await registry.database.query(`update nodes set status = 'terminated' where id = $1`, [id]);
    expect(await renew(one)).toBe(false);
  });

  it('stores health for its watcher, and nothing for one that has lost the node', async () => {
    const [mine, theirs] = [await active(), await active()];
    expect(await claim(one, 1)).toEqual([mine]);
    expect(await claim(other, 1)).toEqual([theirs]);
    await store.save(one.id, [change(mine), change(theirs), change(randomUUID())]);
    expect(await find(mine)).toMatchObject({
      status: 'active',
      health: 'degraded',
      healthSince: '2026-01-01T00:00:00.000Z',
      healthReason: 'It is slow.',
      lastSeenAt: '2026-01-01T00:00:00.000Z',
    });
    expect((await find(theirs))?.health).toBeUndefined();
    await store.save(one.id, [change(mine, { health: 'healthy', reason: undefined })]);
    const node = await find(mine);
    expect(node).toMatchObject({ health: 'healthy' });
    expect(node).not.toHaveProperty('healthReason');
  });

  it('writes sightings down without a change that watchers of the list would see, and never back in time', async () => {
    const id = await active();
    await claim(one);
    const before = await find(id);
    await store.sighted(one.id, [{ nodeId: id, atMs: AT_MS }]);
    await store.sighted(one.id, [{ nodeId: id, atMs: AT_MS - 5_000 }]);
    await store.sighted(other.id, [{ nodeId: id, atMs: AT_MS + 5_000 }]);
    expect(await find(id)).toEqual({ ...before, lastSeenAt: '2026-01-01T00:00:00.000Z' });
  });

  it('ends a lost node once, with its reason, and its cost stops at the last sign of life', async () => {
    const id = await active();
    await claim(one);
    const lastSignMs = Date.now() - 60_000;
    expect(await store.lose(other.id, loss(id))).toBeUndefined();
    const lost = await store.lose(one.id, loss(id, lastSignMs));
    expect(lost).toMatchObject({
      status: 'lost',
      lossReason: 'preempted',
      healthReason: 'The cloud took it back.',
      terminatedAt: new Date(lastSignMs).toISOString(),
      lastSeenAt: new Date(lastSignMs).toISOString(),
    });
    expect(lost).not.toHaveProperty('endpoint');
    expect(lost).not.toHaveProperty('health');
    expect(await store.lose(one.id, loss(id))).toBeUndefined();
    await store.save(one.id, [change(id)]);
    expect(await find(id)).toEqual(lost);
    expect(await store.held(one.id)).toEqual([]);
    expect(await claim(other)).toEqual([]);
  });

  it('never ends a node before its launch did, however wrong a clock is', async () => {
    const id = await active();
    await claim(one);
    const { endedAt } = (await find(id)) ?? {};
    expect(await store.lose(one.id, loss(id, 0))).toMatchObject({ terminatedAt: endedAt });
  });

  it('leaves a node that somebody terminates to its termination', async () => {
    const id = await active();
    await claim(one);
    await registry.nodes.requestTermination(id);
    expect(await store.lose(one.id, loss(id))).toBeUndefined();
    await store.save(one.id, [change(id)]);
    expect(await find(id)).toMatchObject({ status: 'terminating' });
    expect(await store.held(one.id)).toEqual([]);
  });
});
