import { describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { CLAIM } from '../../support/database/node-registry.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { endNode } from '../../support/database/node-rows.js';
import { UpkeepRig } from '../../support/launch/upkeep-rig.js';
import { eventually } from '../../support/within.js';

const MINUTE_MS = 60_000;
const NEVER = new Promise<never>(() => undefined);

describe.each(Object.entries(DATABASE_KINDS))('the upkeep of nodes on %s', (_, open) => {
  const rig = new UpkeepRig(open);

  test('a lost node is launched again once by several servers: same request, one line, the reason in both stories', async () => {
    const id = await rig.active({ tenantId: 't-1', vllmArgs: '--seed 1' });
    await rig.lose(id);
    for (let count = 0; count < 4; count += 1) rig.server();
    const heir = await rig.heirOf(id);
    expect(heir).toMatchObject({ retryOf: id, retryReason: 'lost', tenantId: 't-1', createdBy: 'ada' });
    expect((await rig.nodes.find(heir.id))?.request).toEqual((await rig.nodes.find(id))?.request);
    expect(await rig.heirsOf(id)).toHaveLength(1);
    expect((await rig.story(id)).at(-1)).toBe(`Relaunched by on_loss as ${heir.id}`);
    expect(await rig.story(heir.id)).toEqual([`Launched by on_loss in place of ${id}, which was lost`]);
    expect(rig.removed).toEqual([]);
  });

  test('a second loss in the line waits until a time that it names; a person can call it off', async () => {
    const id = await rig.active();
    await rig.lose(id);
    rig.server();
    const heir = await rig.heirOf(id);
    await endNode(rig.database, heir.id);
    await rig.lose(heir.id);
    await rig.told(heir.id, 'the last one was less than 30 s ago');
    const waiting = await rig.node(heir.id);
    expect(Date.parse(waiting?.relaunchAt ?? '')).toBeGreaterThan(Date.now());
    const ended = await rig.launches.terminate(heir.id, { actor: 'bob' });
    expect(ended).toMatchObject({ status: 'lost', terminatedBy: 'bob' });
    expect(ended).not.toHaveProperty('relaunchAt');
    expect((await rig.story(heir.id)).at(-1)).toBe('Relaunch called off by bob');
  });

  test('secrets that were kept go to the new node, and are kept nowhere else', async () => {
    const id = await rig.active({}, { HF_TOKEN: 'hf_secret' });
    const sealed = rig.box.seal(id, { HF_TOKEN: 'hf_secret' });
    await rig.database.query('update nodes set sealed_secrets = $2, secrets_key_id = $3 where id = $1', [
      id,
      sealed.bytes,
      sealed.keyId,
    ]);
    await rig.lose(id);
    rig.server();
    const heir = await rig.heirOf(id);
    const job = await new SqlLeaseStore({ database: rig.database, clock: systemClock }).claim({
      ...CLAIM,
      secretsKeyId: rig.box.keyId,
    });
    expect(job?.record.node.id).toBe(heir.id);
    expect(job?.sealedSecrets && rig.box.open(heir.id, job.sealedSecrets)).toEqual({ HF_TOKEN: 'hf_secret' });
    const [row] = await rig.database.query('select sealed_secrets from nodes where id = $1', [id]);
    expect(row).toEqual([null]);
  });

  test('a stopped machine is removed before its place is taken, and the relaunch waits while that fails', async () => {
    const id = await rig.active();
    await rig.lose(id, 'stopped');
    let away = true;
    rig.server(({ remove }) => ({
      remove: (record, signal) => (away ? Promise.reject(new Error('away')) : remove(record, signal)),
    }));
    await rig.told(id, 'put off for a minute');
    expect(await rig.heirsOf(id)).toEqual([]);
    away = false;
    await rig.set(id, 'relaunch_at = now()');
    await rig.heirOf(id);
    expect(rig.removed).toEqual([id]);
  });

  test('a relaunch that failed is removed first, and repeated; one that was cancelled is not', async () => {
    const id = await rig.active();
    await rig.lose(id);
    rig.server();
    const heir = await rig.heirOf(id);
    await endNode(rig.database, heir.id, { failureReason: 'no_capacity' });
    await eventually('its removal', async () => {
      rig.running[0]?.wake();
      return (await rig.node(heir.id)).status === 'terminating';
    });
    // As its runner ends it.
    await rig.set(heir.id, "status = 'terminated', terminated_at = now()");
    await rig.told(heir.id, 'the last one was less than');
    await rig.set(heir.id, "relaunch_at = now(), created_at = created_at - interval '1 hour'");
    const next = await rig.heirOf(heir.id);
    expect(next).toMatchObject({ retryReason: 'lost' });
    await endNode(rig.database, next.id, { failureReason: 'cancelled' });
    rig.running[0]?.wake();
    await endNode(rig.database, await rig.active());
    expect((await rig.node(next.id)).status).toBe('failed');
  });

  test('after three relaunches in a row that failed, it is given up with the reason', async () => {
    const id = await rig.active();
    await rig.database.query(
      `insert into nodes (id, cluster_name, provider, region, gpu_type, model_name, status, gpu_count, use_spot, orchestrator,
         request, created_by, lineage, retry_reason, failure_reason, ended_at)
       select gen_random_uuid(), 'c-' || n, 'aws', 'r', 'A100', 'm', 'terminated', 1, true, 'simulated', '{}', 'ada', $1, 'lost',
         'setup_failed', now() from generate_series(1, 3) n`,
      [id],
    );
    await rig.lose(id);
    rig.server();
    await rig.told(id, 'given up: 3 relaunches in a row have failed');
    expect(await rig.heirsOf(id)).toEqual([]);
  });

  test('a person who launches it again ends the wait: two are never alive', async () => {
    const id = await rig.active();
    await rig.lose(id);
    await rig.set(id, "relaunch_at = now() + interval '1 hour'");
    await rig.launches.retry(id, { actor: 'bob' });
    expect(await rig.node(id)).not.toHaveProperty('relaunchAt');
    const record = await rig.nodes.find(id);
    if (record === undefined) throw new Error('the node is gone');
    // Also a server that has decided already, and is late.
    expect(await rig.launches.relaunch(record, record.request)).toBeUndefined();
    await rig.set(id, 'relaunch_at = now()');
    expect(await rig.launches.relaunch(record, record.request)).toBeUndefined();
    expect(await rig.heirsOf(id)).toHaveLength(1);
  });

  test('a node is terminated when its time is over, which a relaunch inherits, and not earlier', async () => {
    const [over, young] = [
      await rig.active({ terminateAfter: 1 }),
      await rig.active({ terminateAfter: '2h' }),
    ];
    const inherited = await rig.active({ terminateAfter: '2h' });
    await rig.set(inherited, 'terminate_at = now()');
    rig.server();
    for (const id of [over, inherited])
      await rig.told(
        id,
        'Termination requested by terminate_after: its time, which its launch has set, is over',
      );
    const node = await rig.node(young);
    expect(node?.status).toBe('active');
    expect(Date.parse(node?.terminateAt ?? '')).toBe(Date.parse(node?.endedAt ?? '') + 120 * MINUTE_MS);
    await rig.lose(young);
    expect(await rig.heirOf(young)).toMatchObject({ status: 'launching' });
    const [heir] = await rig.heirsOf(young);
    const [row] = await rig.database.query('select terminate_at from nodes where id = $1', [heir?.id]);
    expect(Date.parse(String(row?.[0]))).toBe(Date.parse(node?.terminateAt ?? ''));
  });

  test.each(['before', 'after'] as const)(
    'a server that is killed %s a relaunch leaves it to the next one, which makes it once',
    async (moment) => {
      const id = await rig.active();
      await rig.lose(id);
      let reached = false;
      rig.server(({ relaunch }) => ({
        relaunch: async (record, request) => {
          if (moment === 'after') await relaunch(record, request);
          reached = true;
          return NEVER;
        },
      }));
      await eventually('the moment', () => Promise.resolve(reached));
      rig.running.length = 0;
      rig.server();
      await rig.heirOf(id);
      expect(await rig.heirsOf(id)).toHaveLength(1);
    },
  );
});
