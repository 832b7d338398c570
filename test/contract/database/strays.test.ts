import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { StrayGauges } from '@launchlog/server/metrics/stray-gauges';
import { readInstallation } from '@launchlog/server/node/budget/installation';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import type { Principal } from '@launchlog/server/principal';
import { SqlStrayStore } from '@launchlog/server/stray/sql-stray-store';
import { StrayService } from '@launchlog/server/stray/stray-service';
import { StrayWatch } from '@launchlog/server/stray/stray-watch';
import { Registry } from 'prom-client';
import { newNode } from '../../support/sample/new-node.js';
import type { OpenDatabase } from '../../support/database/node-databases.js';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { SkypilotApiStandIn } from '../../support/skypilot/api-stand-in.js';
import { eventually } from '../../support/within.js';

const OURS = 'cic-aws-uswest2-a100-spot-000001';
const FOREIGN = 'cic-aws-uswest2-a100-spot-000002';
const UNLABELLED = 'cic-aws-uswest2-a100-spot-000003';
const BY = { name: 'ops', address: '127.0.0.1' } as Principal;

describe.each(Object.entries(DATABASE_KINDS))('strays on %s', (_, open) => {
  let fixture: OpenDatabase;
  let store: SqlStrayStore;
  let nodes: SqlNodeStore;
  let installation: string;
  let sky: SkypilotApiStandIn;
  let orchestrator: SkypilotApiOrchestrator;
  const audited: unknown[] = [];

  beforeAll(async () => {
    fixture = await open();
    const { database } = fixture;
    store = new SqlStrayStore(database);
    nodes = new SqlNodeStore({ database, clock: systemClock });
    installation = await readInstallation(database);
  });
  afterAll(() => fixture.stop());
  beforeEach(async () => {
    await fixture.database.script(
      'truncate nodes, strays, notices, node_events; update installation set looked_at = null',
    );
    sky = await SkypilotApiStandIn.start();
    const address = { endpoint: sky.endpoint, token: undefined, fetch };
    orchestrator = new SkypilotApiOrchestrator({ address, clock: systemClock, otherRegions: false });
    audited.length = 0;
  });
  afterEach(async () => {
    await orchestrator.close();
    await sky.close();
  });

  const found = async () =>
    store.compare(await orchestrator.inventory.list('cic-', new AbortController().signal), {
      orchestrator: 'skypilot-api',
      settledMinutes: 10,
    });
  const look = async (times = 1) => {
    for (let time = 1; time <= times; time += 1) await found();
    return (await store.list()).map(({ name, kind }) => `${kind} ${name}`);
  };
  const notices = async () =>
    (
      await fixture.database.query(
        `select details ->> 'cluster' from notices where event = 'stray.found'`,
        [],
      )
    )
      .flat()
      .map(String)
      .toSorted((one, other) => one.localeCompare(other));
  const launch = async (changes: string) => {
    const node = newNode({ orchestrator: 'skypilot-api' });
    await nodes.create(node);
    await fixture.database.script(`update nodes set ${changes} where id = '${node.id}'`);
    return node;
  };
  const long = "now() - interval '1 hour'";
  const watch = () =>
    new StrayWatch({
      store,
      inventory: orchestrator.inventory,
      orchestrator: 'skypilot-api',
      installation,
      clock: systemClock,
      onLooked: () => undefined,
      onProblem: () => undefined,
    });
  const service = (wake = () => undefined as void) =>
    new StrayService({
      store,
      audit: {
        around: (_by, action, work) => work((target) => audited.push([action.action, target])),
      },
      onAsked: wake,
    });
  const label = (id: unknown) => ({ team: 'a', 'launchlog-installation': id });

  it('of a kind that a newer release stores are listed as they are, and nobody can ask for their removal', async () => {
    const { database } = fixture;
    await database.script('alter table strays drop constraint strays_kind_check');
    try {
      await database.query(
        `insert into strays (cluster_name, kind, looks) values ('cic-new', 'a-word-of-the-future', 2), ('cic-old', 'ours', 2)`,
        [],
      );
      const listed = await store.list();
      expect(listed.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
        'a-word-of-the-future cic-new',
        'ours cic-old',
      ]);
      expect(listed.map(({ reason = 'none' }) => reason)).toEqual(
        expect.arrayContaining(['No node had this cluster', 'none']),
      );
      expect(await store.askRemoval('cic-new', 'ops')).toBeUndefined();
      expect(await store.claimRemoval(1_000)).toBeUndefined();
    } finally {
      await database.script(`truncate strays;
        alter table strays add constraint strays_kind_check check (kind in ('ours', 'foreign', 'gone'))`);
    }
  });

  it('are clusters with our prefix that no node knows, once two looks have seen them; each is notified of once', async () => {
    sky.setCluster(OURS, 'UP', label(installation));
    sky.setCluster(FOREIGN, 'STOPPED', label('3f2b8c1e-5d1c-4d6c-9a0e-2f6b1c9e7a55'));
    sky.setCluster(UNLABELLED, 'A_WORD_OF_TOMORROW', 7);
    sky.setCluster('somebody-elses', 'UP');
    expect(await look()).toEqual([]);
    expect(await look(3)).toEqual([`ours ${OURS}`, `foreign ${FOREIGN}`, `foreign ${UNLABELLED}`]);
    expect(await notices()).toEqual([OURS, FOREIGN, UNLABELLED]);
    expect(await store.find(UNLABELLED)).toMatchObject({
      state: 'A_WORD_OF_TOMORROW',
      reason: 'It has no label of an installation',
      place: 'AWS us-west-2',
      launchedAt: '2026-03-01T12:00:00.000Z',
    });
    expect(await store.find(FOREIGN)).toMatchObject({
      reason: 'It has the label of the installation 3f2b8c1e-5d1c-4d6c-9a0e-2f6b1c9e7a55',
    });
    const registry = new Registry();
    await new StrayGauges(fixture.database, registry).read();
    expect(await registry.metrics()).toContain('launchlog_strays{kind="foreign"} 2');
  });

  it('another installation is notified of once, however many clusters it launches and whenever', async () => {
    const other = label('3f2b8c1e-5d1c-4d6c-9a0e-2f6b1c9e7a55');
    const named = (number: number) => `cic-gcp-europewest4-h100-od-${String(number).padStart(6, '0')}`;
    for (let number = 1; number <= 5_000; number += 1) sky.setCluster(named(number), 'UP', other);
    expect(await found()).toEqual([]);
    expect(await found()).toHaveLength(5_000);
    sky.setCluster(named(5_001), 'UP', other);
    sky.setCluster(OURS, 'UP', label('yet another'));
    expect(await found()).toEqual([]);
    expect((await found()).map(({ name }) => name)).toEqual([OURS, named(5_001)]);
    const [messages] = await fixture.database.query(
      `select array_agg(message order by message) from notices where event = 'stray.found'`,
      [],
    );
    expect(messages?.[0]).toEqual([
      expect.stringMatching(
        /^1 cluster is of another installation of Launchlog, yet another, on this SkyPilot/,
      ),
      expect.stringMatching(/^5000 clusters are of another installation of Launchlog, 3f2b8c1e-/),
    ]);
  });

  it('are forgotten when they are gone, and are new ones when they come back', async () => {
    sky.setCluster(OURS, 'UP', label(installation));
    expect(await look(2)).toHaveLength(1);
    sky.lostMachines.add(OURS);
    await orchestrator.look([{ clusterName: OURS, useSpot: false, handle: undefined }], true, never());
    expect(await look()).toEqual([]);
    sky.lostMachines.clear();
    sky.setCluster(OURS, 'UP', label(installation));
    expect(await look()).toEqual([]);
    expect(await look()).toHaveLength(1);
    expect(await notices()).toEqual([OURS, OURS]);
  });

  it.each([
    ['is launching', `status = 'launching', updated_at = ${long}`, true],
    ['is active', `status = 'active', ended_at = ${long}, updated_at = ${long}`, true],
    ['is terminating', `status = 'terminating', ended_at = ${long}, updated_at = ${long}`, true],
    ['was terminated just now', `status = 'terminated', terminated_at = now(), updated_at = ${long}`, true],
    [
      'was terminated an hour ago',
      `status = 'terminated', ended_at = ${long}, terminated_at = ${long}, updated_at = ${long}`,
      false,
    ],
    [
      'has failed and was kept',
      `status = 'failed', ended_at = ${long}, updated_at = ${long}, request = request || '{"keepOnFailure": true}'`,
      true,
    ],
    ['has failed', `status = 'failed', ended_at = ${long}, updated_at = ${long}`, false],
  ])('a cluster whose node %s', async (_name, changes, accountedFor) => {
    const { id, clusterName } = await launch(changes);
    sky.setCluster(clusterName, 'UP', label(installation));
    expect(await look(2)).toEqual(accountedFor ? [] : [`ours ${clusterName}`]);
    const { nodeId, reason } = (await store.find(clusterName)) ?? {};
    expect(nodeId).toBe(accountedFor ? undefined : id);
    expect(reason).toBe(accountedFor ? undefined : 'Its node has ended');
  });

  it('an active node whose cluster is gone is one too, unless it is new or of another orchestrator', async () => {
    const { id, clusterName } = await launch(`status = 'active', ended_at = ${long}`);
    await launch(`status = 'active', ended_at = now()`);
    await launch(`status = 'active', ended_at = ${long}, orchestrator = 'simulated'`);
    await launch(`status = 'launching'`);
    expect(await look(2)).toEqual([`gone ${clusterName}`]);
    expect(await store.find(clusterName)).toMatchObject({ nodeId: id, place: 'aws us-west-2' });
    await expect(service().terminate(BY, clusterName)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`terminate the node ${id}`),
    });
  });

  it('those of this installation are removed for a person, and nothing else ever is', async () => {
    sky.setCluster(OURS, 'UP', label(installation));
    sky.setCluster(FOREIGN, 'UP', label('another'));
    await look(2);
    await expect(service().terminate(BY, FOREIGN)).rejects.toMatchObject({ code: 'conflict' });
    await expect(service().terminate(BY, 'cic-nothing')).rejects.toMatchObject({ code: 'not_found' });
    const watching = watch();
    watching.start();
    const asked = await service(() => watching.wake()).terminate(BY, OURS);
    expect(asked).toMatchObject({ name: OURS, kind: 'ours', terminatedBy: 'ops' });
    await eventually('the stray is removed', async () => (await store.find(OURS)) === undefined);
    expect(sky.clusters).toEqual([FOREIGN]);
    await watching.stop();
    expect(audited).toEqual([
      ['stray.terminate', FOREIGN],
      ['stray.terminate', OURS],
    ]);
  });

  it('a cluster that got another label since it was listed is left alone, and the reason is shown', async () => {
    sky.setCluster(OURS, 'UP', label(installation));
    await look(2);
    sky.setCluster(OURS, 'UP', label('another'));
    // Nobody looks meanwhile.
    expect(await store.claimLook(60_000)).toBe(true);
    const watching = watch();
    await service().terminate(BY, OURS);
    watching.start();
    const problem = await eventually('the reason', async () => (await store.find(OURS))?.problem);
    expect(problem).toContain('does not carry the label of this installation');
    await watching.stop();
    expect(sky.calls).not.toContain('POST /down');
  });

  it('one server looks, and one removes a stray; a SkyPilot that does not answer changes nothing', async () => {
    const claims = await Promise.all(Array.from({ length: 5 }, () => store.claimLook(60_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    sky.setCluster(OURS, 'UP', label(installation));
    expect(await look(2)).toHaveLength(1);
    await Promise.all([store.askRemoval(OURS, 'ops'), store.askRemoval(OURS, 'ops')]);
    const removals = await Promise.all(Array.from({ length: 5 }, () => store.claimRemoval(60_000)));
    expect(removals.filter((name) => name !== undefined)).toEqual([OURS]);
    await sky.close();
    await expect(look()).rejects.toThrow(/SkyPilot/);
    expect(await store.list()).toHaveLength(1);
  });
});

function never(): AbortSignal {
  return new AbortController().signal;
}
