import { describe, expect, it } from 'vitest';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { CLAIM, NodeRegistry } from '../../support/database/node-registry.js';
import { launchRequest } from '../../support/sample/new-node.js';
import { eventually } from '../../support/within.js';

describe.each(Object.entries(DATABASE_KINDS))('leases on %s', (_, open) => {
  const registry = new NodeRegistry(open);

  it('gives each launch to one of twenty claims at once, and no more of them than may run', async () => {
    for (let index = 0; index < 12; index += 1) await registry.create();
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_each, index) =>
        registry.leases.claim({ ...CLAIM, owner: `worker-${index}` }),
      ),
    );
    const taken = claims.filter((job) => job !== undefined).map((job) => job.lease.nodeId);
    expect(taken).toHaveLength(8);
    expect(new Set(taken).size).toBe(8);
  });

  it('starts launches in the order in which they came, and the next one when a slot is free again', async () => {
    const first = await registry.create();
    const second = await registry.create();
    const one = { ...CLAIM, maxRunning: 1 };
    const job = await registry.leases.claim(one);
    expect(job).toMatchObject({ kind: 'launch', lease: { nodeId: first.id, attempt: 1 }, started: true });
    expect(await registry.leases.claim(one)).toBeUndefined();
    await registry.leases.end(job!.lease, {
      status: 'active',
      endpoint: 'http://127.0.0.1:1',
      endedAtMs: Date.now(),
    });
    expect((await registry.leases.claim(one))?.lease.nodeId).toBe(second.id);
  });

  it('gives free slots to tenants in turn, so that one with many launches does not fill the queue', async () => {
    const of = async (tenantId: string | undefined) =>
      (await registry.create({ request: launchRequest({ ...(tenantId && { tenantId }) }) })).id;
    const many = [await of('many'), await of('many'), await of('many'), await of('many')];
    const few = [await of('few'), await of('few')];
    const none = [await of(undefined), await of(undefined)];
    const two = { ...CLAIM, maxRunning: 2 };
    const first = await registry.leases.claim(two);
    const second = await registry.leases.claim(two);
    expect([first, second].map((job) => job?.lease.nodeId)).toEqual([many[0], few[0]]);
    expect(await registry.leases.claim(two)).toBeUndefined();
    const positions = new Map<string, number>();
    for (;;) {
      const job = await registry.leases.claimQueued(two);
      if (job === undefined) break;
      positions.set(job.lease.nodeId, job.position);
      await registry.leases.release(job.lease, 0);
    }
    const inOrder = [...positions].toSorted(([, one], [, other]) => one - other).map(([id]) => id);
    expect(inOrder).toEqual([none[0], many[1], few[1], none[1], many[2], many[3]]);
    expect([...positions.values()].toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6]);
    // The queue is served as its positions say, whichever ends first.
    const served: (string | undefined)[] = [];
    for (let ended = first, next; served.length < 3; ended = next) {
      await registry.leases.end(ended!.lease, { status: 'active', endedAtMs: Date.now() });
      next = await registry.leases.claim(two);
      served.push(next?.lease.nodeId);
    }
    expect(served).toEqual([none[0], many[1], none[1]]);
  });

  it('gives a launch whose lease ran out to another owner, who then alone can change it', async () => {
    const node = await registry.create();
    const stale = await registry.leases.claim({ ...CLAIM, leaseMs: 1 });
    const taken = await eventually('the end of the lease', () =>
      registry.leases.claim({ ...CLAIM, owner: 'worker-2' }),
    );
    expect(taken.lease).toEqual({ nodeId: node.id, attempt: 2 });
    expect(taken.record.takeovers).toBe(1);
    expect(await registry.leases.save(stale!.lease, { progress: 40 })).toBe(false);
    expect(await registry.leases.end(stale!.lease, { status: 'failed' })).toBeUndefined();
    expect(await registry.leases.renew([stale!.lease], 1_000)).toEqual([]);
    expect(await registry.leases.save(taken.lease, { progress: 30, handle: 'h' })).toBe(true);
    expect((await registry.nodes.find(node.id))?.handle).toBe('h');
    expect((await registry.nodes.find(node.id))?.node.progress).toBe(30);
  });

  it('gives a released launch to the next claim at once, and does not count that as a vanished owner', async () => {
    await registry.create();
    const job = await registry.leases.claim(CLAIM);
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
    await registry.leases.release(job!.lease, 0);
    const again = await registry.leases.claim(CLAIM);
    expect(again).toMatchObject({ lease: { attempt: 2 }, record: { takeovers: 0 } });
    await registry.leases.release(again!.lease, 60_000);
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
  });

  it('gives a launch with a task of its own to servers that have its key, or to any if it has none', async () => {
    const request = launchRequest({ taskYaml: 'run: x' });
    const bytes = new Uint8Array([1, 2]);
    const open = await registry.create({ request });
    const mine = await registry.create({ request, sealedSecrets: { keyId: 'key-1', bytes } });
    await registry.create({ request, sealedSecrets: { keyId: 'key-2', bytes } });
    const first = await registry.leases.claim(CLAIM);
    const second = await registry.leases.claim(CLAIM);
    expect([first?.lease.nodeId, second?.lease.nodeId]).toEqual([open.id, mine.id]);
    expect(first?.sealedSecrets).toBeUndefined();
    expect(second?.sealedSecrets).toEqual({ keyId: 'key-1', bytes: expect.any(Uint8Array) });
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
  });

  it('keeps the words of a cloud, with marks where PostgreSQL cannot hold them', async () => {
    const node = await registry.create();
    const job = await registry.leases.claim(CLAIM);
    const message = 'a\u0000b \ud800 \\u0000 😀';
    const attempts = [{ cloud: 'AWS', outcome: 'failed' as const, message }];
    expect(await registry.leases.save(job!.lease, { attempts, failureMessage: message })).toBe(true);
    const stored = 'a\ufffdb \ufffd \\u0000 😀';
    expect((await registry.nodes.find(node.id))?.node).toMatchObject({
      attempts: [{ message: stored }],
      failureMessage: stored,
    });
  });

  it('renews leases that are held, and reports a cancel', async () => {
    const node = await registry.create();
    const job = await registry.leases.claim({ ...CLAIM, leaseMs: 50 });
    expect(await registry.leases.renew([job!.lease], 60_000)).toEqual([
      { nodeId: node.id, attempt: 1, cancelRequested: false },
    ]);
    const other = await registry.create();
    await registry.leases.claim({ ...CLAIM, leaseMs: 50 });
    // This lease began later: once it has run out, the first would have run out too.
    const next = await eventually('the end of the other lease', () => registry.leases.claim(CLAIM));
    expect(next.lease.nodeId).toBe(other.id);
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
    await registry.nodes.requestTermination(node.id);
    expect(await registry.leases.renew([job!.lease], 60_000)).toMatchObject([{ cancelRequested: true }]);
  });

  it('reports the position of each queued launch, and again only when it has changed', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push((await registry.create()).id);
    const full = { ...CLAIM, maxRunning: 1 };
    const running = await registry.leases.claim(full);
    const reported: (readonly [string, number])[] = [];
    const claimAll = async () => {
      for (;;) {
        const job = await registry.leases.claimQueued(full);
        if (job === undefined) return;
        reported.push([job.lease.nodeId, job.position]);
        await registry.leases.release(job.lease, 0);
      }
    };
    await claimAll();
    expect(reported).toEqual([
      [ids[1], 1],
      [ids[2], 2],
    ]);
    expect((await registry.nodes.find(ids[2]!))?.node.queuePosition).toBe(2);
    await registry.leases.end(running!.lease, { status: 'active', endedAtMs: Date.now() });
    await registry.leases.claim(full);
    reported.length = 0;
    await claimAll();
    expect(reported).toEqual([[ids[2], 1]]);
    expect((await registry.nodes.find(ids[1]!))?.node.queuePosition).toBeUndefined();
  });

  it('keeps room in the pages of nodes, so that a renewal changes no index', async () => {
    const [row] = await registry.database.query(
      "select reloptions from pg_class where relname = 'nodes'",
      [],
    );
    expect(JSON.stringify(row)).toContain('fillfactor=70');
  });

  it('renews a thousand leases in one statement and leaves out the lost one among them', async () => {
    const rows = await registry.database.query(
      `insert into nodes (id, cluster_name, provider, region, gpu_type, model_name, gpu_count, use_spot, orchestrator,
         request, created_by, slot, lease_owner, lease_until, attempt)
       select id, 'c-' || id, 'aws', 'us-west-2', 'A100', 'm', 1, true, 'simulated', '{}', 'admin', n, 'worker-1',
         now() + interval '1 minute', 1
       from (select n, gen_random_uuid() as id from generate_series(1, 1000) n) made returning id`,
      [],
    );
    const held = rows.map(([id]) => ({ nodeId: String(id), attempt: 1 }));
    const [lost, ...kept] = held;
    const asked = [{ nodeId: lost!.nodeId, attempt: 2 }, ...kept];
    const renewed = await registry.leases.renew(asked, 60_000);
    expect(renewed.map(({ nodeId }) => nodeId).toSorted()).toEqual(
      kept.map(({ nodeId }) => nodeId).toSorted(),
    );
  });

  it('lets a waiting launch be cancelled although nothing is free', async () => {
    await registry.create();
    const second = await registry.create();
    const full = { ...CLAIM, maxRunning: 1 };
    await registry.leases.claim(full);
    await registry.nodes.requestCancel(second.id);
    expect(await registry.leases.claim(full)).toMatchObject({ lease: { nodeId: second.id }, started: false });
  });

  it('leaves launches of other orchestrators, and secrets that this server cannot open, to others', async () => {
    await registry.create({ orchestrator: 'skypilot-api' });
    const sealedSecrets = { keyId: 'key-2', bytes: new Uint8Array([1, 2, 255, 0]) };
    const sealed = await registry.create({ sealedSecrets, secretNames: ['HF_TOKEN'] });
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
    const job = await registry.leases.claim({ ...CLAIM, secretsKeyId: 'key-2' });
    expect(job?.lease.nodeId).toBe(sealed.id);
    expect(job?.sealedSecrets?.keyId).toBe('key-2');
    expect([...(job?.sealedSecrets?.bytes ?? [])]).toEqual([1, 2, 255, 0]);
  });

  it('forgets the secrets when the launch ends, however it ends', async () => {
    for (const status of ['active', 'failed'] as const) {
      await registry.create({
        sealedSecrets: { keyId: 'key-1', bytes: new Uint8Array([1]) },
        secretNames: ['A'],
      });
      const job = await registry.leases.claim(CLAIM);
      await registry.leases.end(job!.lease, { status, endedAtMs: Date.now() });
    }
    const rows = await registry.database.query('select sealed_secrets, secrets_key_id from nodes', []);
    expect(rows).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('takes a launch that is to be terminated on to its termination when it ends', async () => {
    const node = await registry.create();
    const job = await registry.leases.claim(CLAIM);
    await registry.nodes.requestTermination(node.id);
    const ended = await registry.leases.end(job!.lease, {
      status: 'failed',
      phase: 'failed',
      failureReason: 'cancelled',
      endedAtMs: Date.now(),
    });
    expect(ended).toMatchObject({ status: 'terminating', failureReason: 'cancelled' });
    const termination = await registry.leases.claim(CLAIM);
    expect(termination).toMatchObject({ kind: 'terminate', lease: { nodeId: node.id, attempt: 2 } });
    const gone = await registry.leases.end(termination!.lease, {
      status: 'terminated',
      terminatedAtMs: Date.now(),
    });
    expect(gone).toMatchObject({ status: 'terminated', failureReason: 'cancelled' });
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
  });

  it('shows the forecast as the time that remains', async () => {
    const node = await registry.create();
    const job = await registry.leases.claim(CLAIM);
    await registry.leases.save(job!.lease, { eta: { seconds: 120, samples: 7 }, stalled: true });
    const launching = (await registry.nodes.find(node.id))?.node;
    expect(launching).toMatchObject({ stalled: true, eta: { samples: 7 } });
    expect(launching?.eta?.seconds).toBeGreaterThan(110);
    await registry.leases.end(job!.lease, { status: 'active', endedAtMs: Date.now() });
    const ended = (await registry.nodes.find(node.id))?.node;
    expect(ended?.eta).toBeUndefined();
    expect(ended?.stalled).toBe(false);
  });
});
