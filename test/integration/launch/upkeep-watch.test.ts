import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DATABASE_KINDS, type OpenDatabase } from '../../support/database/node-databases.js';
import { HealthWard, type WardServer } from '../../support/launch/health-ward.js';
import { UpkeepRig } from '../../support/launch/upkeep-rig.js';
import { eventually } from '../../support/within.js';

const MINUTE_MS = 60_000;
const NODES = 200;

describe('servers that watch nodes and do what their launches ask for', () => {
  const rig = new UpkeepRig(DATABASE_KINDS['PGlite'] as () => Promise<OpenDatabase>);
  const watching: WardServer[] = [];
  let ward: HealthWard;

  beforeEach(() => {
    ward = new HealthWard(rig.database);
  });
  afterEach(async () => {
    for (const server of watching.splice(0)) server.crash();
    await ward.pass(1_000);
  });

  const count = async (where: string) => {
    const [row] = await rig.database.query(`select count(*)::int from nodes where ${where}`, []);
    return row?.[0];
  };

  test('200 killed machines whose launches ask for it are each launched again once, by two servers', async () => {
    const names = await ward.admit(NODES, { onLoss: 'relaunch' });
    watching.push(ward.server(), ward.server());
    await ward.pass(MINUTE_MS);
    for (const name of names) ward.cloud.dead.add(name);
    const upkeeps = [rig.server(), rig.server()];
    await ward.pass(90_000);
    expect(await count("loss_reason = 'preempted'")).toBe(NODES);
    await eventually('the relaunches', async () => {
      for (const upkeep of upkeeps) upkeep.wake();
      return (await count('relaunch_at is not null')) === 0;
    });
    const [row] = await rig.database.query(
      `select count(*)::int, count(distinct retry_of)::int from nodes where retry_reason = 'lost'`,
      [],
    );
    expect(row).toEqual([NODES, NODES]);
  });

  test('a node that stays unreachable is terminated to be launched again', async () => {
    const [name = ''] = await ward.admit(6, { onLoss: 'relaunch', relaunchUnreachableAfter: '3m' });
    watching.push(ward.server());
    await ward.pass(MINUTE_MS);
    ward.cloud.mute.add(name);
    await ward.pass(3 * MINUTE_MS);
    expect(await count("status <> 'active'")).toBe(0);
    await ward.pass(MINUTE_MS + 30_000);
    const ended = "status = 'terminating' and terminated_by = 'on_loss' and relaunch_at is not null";
    expect(await count(ended)).toBe(1);
    const [row] = await rig.database.query('select id from nodes where cluster_name = $1', [name]);
    expect(await rig.story(String(row?.[0]))).toContain(
      'Termination requested by on_loss: it has been unreachable for 3 min',
    );
  });

  test('a node whose launch does not ask for it may be unreachable for ever', async () => {
    const [name = ''] = await ward.admit(6, { onLoss: 'relaunch' });
    watching.push(ward.server());
    ward.cloud.mute.add(name);
    await ward.pass(5 * MINUTE_MS);
    expect(await count("health = 'unreachable' and status = 'active'")).toBe(1);
  });

  test('a node without requests is noticed, and terminated when its launch asks for that; not while nobody can look', async () => {
    await ward.admit(2, { terminateWhenIdle: '6m' });
    watching.push(ward.server());
    ward.cloud.present = { requests: 0, served: 7 };
    await ward.pass(5 * MINUTE_MS);
    expect(await count('idle_noticed')).toBe(2);
    ward.cloud.present = { requests: 0, served: 8 };
    await ward.pass(1.5 * MINUTE_MS);
    expect(await count('idle_noticed or idle_since is not null')).toBe(0);
    await ward.pass(3 * MINUTE_MS);
    ward.cloud.present = undefined;
    await ward.pass(6 * MINUTE_MS);
    expect(await count("status = 'active'")).toBe(2);
    ward.cloud.present = { requests: 0, served: 8 };
    await ward.pass(1.5 * MINUTE_MS);
    expect(await count("status = 'terminating' and terminated_by = 'terminate_when_idle'")).toBe(2);
  });
});
