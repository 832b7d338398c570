import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeListQuerySchema, nodeSchema } from '@launchlog/shared/node';
import type { NodeListQuery } from '@launchlog/shared/node';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/node/migrations';
import { NODE_MIGRATIONS } from '@launchlog/server/node/node-migrations';
import { PgSqlDatabase } from '@launchlog/server/node/pg-sql-database';
import { PgliteSqlDatabase } from '@launchlog/server/node/pglite-sql-database';
import type { SqlDatabase } from '@launchlog/server/node/sql-database';
import type { ClaimRequest } from '@launchlog/server/node/lease-store';
import { SqlLeaseStore } from '@launchlog/server/node/sql-lease-store';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { launchRequest, newNode } from '../support/new-node.js';
import { PostgresServer } from '../support/postgres-server.js';

interface Fixture {
  readonly database: SqlDatabase;
  readonly stop: () => Promise<void>;
}

const databases: Record<string, () => Promise<Fixture>> = {
  PostgreSQL: async () => {
    const server = await PostgresServer.start();
    const database = new PgSqlDatabase({ url: server.url });
    return {
      database,
      stop: async () => {
        await database.close();
        await server.stop();
      },
    };
  },
  PGlite: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'launchlog-pglite-'));
    const database = await PgliteSqlDatabase.open({
      directory: join(directory, 'nodes'),
      clock: systemClock,
    });
    return {
      database,
      stop: async () => {
        await database.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
};

const CLAIM: ClaimRequest = {
  owner: 'worker-1',
  leaseMs: 60_000,
  maxRunning: 8,
  orchestrator: 'simulated',
  secretsKeyId: 'key-1',
};

describe.each(Object.entries(databases))('nodes on %s', (_, open) => {
  let fixture: Fixture;
  let nodes: SqlNodeStore;
  let leases: SqlLeaseStore;

  beforeAll(async () => {
    fixture = await open();
    await Promise.all([1, 2, 3].map(() => migrate(fixture.database, NODE_MIGRATIONS)));
    nodes = new SqlNodeStore({ database: fixture.database, clock: systemClock });
    leases = new SqlLeaseStore({ database: fixture.database, clock: systemClock });
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.database.script('truncate nodes'));

  const list = (query: Partial<NodeListQuery> = {}) => nodes.list(nodeListQuerySchema.parse(query));
  const create = async (changes: Parameters<typeof newNode>[0] = {}) => {
    const reply = await nodes.create(newNode(changes));
    if (reply.kind !== 'created') throw new Error(reply.kind);
    return reply.node;
  };

  describe('registry', () => {
    it('keeps a node as its schema says and finds it by id, by id in capitals and by cluster name', async () => {
      const node = await create();
      expect(nodeSchema.parse(node)).toEqual(node);
      expect(node).toMatchObject({ status: 'launching', phase: 'queued', progress: 0, attempts: [] });
      expect((await nodes.find(node.id))?.node).toEqual(node);
      expect((await nodes.find(node.id.toUpperCase()))?.node).toEqual(node);
      expect((await nodes.find(node.clusterName))?.request).toEqual(launchRequest());
      expect(await nodes.find(randomUUID())).toBeUndefined();
      expect(await nodes.find("' or 1=1 --")).toBeUndefined();
    });

    it('keeps the columns that others read under their old names', async () => {
      const node = await create({ request: launchRequest({ deploymentId: 'd-1' }) });
      const [row] = await fixture.database.query(
        `select id, cluster_name, provider, region, gpu_type, model_name, status, endpoint, deployment_id,
           created_at is not null, updated_at is not null from nodes`,
        [],
      );
      expect(row).toEqual([
        node.id,
        node.clusterName,
        'aws',
        'us-west-2',
        'A100',
        'meta-llama/Llama-3.1-8B-Instruct',
        'launching',
        null,
        'd-1',
        true,
        true,
      ]);
    });

    it('refuses an id and a cluster name that exist, and says which', async () => {
      const node = await create();
      expect(await nodes.create(newNode({ id: node.id, clusterName: 'other' }))).toEqual({
        kind: 'id_taken',
      });
      expect(await nodes.create(newNode({ clusterName: node.clusterName }))).toEqual({
        kind: 'cluster_name_taken',
      });
    });

    it('makes one node of twenty requests with one idempotency key at once', async () => {
      const idempotency = { key: 'k', requestHash: 'h' };
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => nodes.create(newNode({ idempotency }))),
      );
      expect(replies.filter((reply) => reply.kind === 'created')).toHaveLength(1);
      expect(replies.filter((reply) => reply.kind === 'replayed')).toHaveLength(19);
      expect(new Set(replies.map((reply) => 'node' in reply && reply.node.id)).size).toBe(1);
    });

    it('tells the same key with another request apart, and keeps the keys of two creators apart', async () => {
      await create({ idempotency: { key: 'k', requestHash: 'h' } });
      expect(await nodes.create(newNode({ idempotency: { key: 'k', requestHash: 'other' } }))).toEqual({
        kind: 'mismatch',
      });
      const other = newNode({ createdBy: 'ci', idempotency: { key: 'k', requestHash: 'other' } });
      expect(await nodes.create(other)).toMatchObject({ kind: 'created' });
    });

    it('pages through all nodes, newest first, each once, while others are added', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 25; index += 1) ids.push((await create()).id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ limit: 4, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.nodes.map((node) => node.id));
        cursor = page.nextCursor;
        await create();
      } while (cursor !== undefined);
      expect(seen).toHaveLength(25);
      expect(new Set(seen)).toEqual(new Set(ids));
    });

    it('filters by each field, and takes the text to search for literally', async () => {
      const wanted = await create({
        request: launchRequest({
          provider: 'gcp',
          region: 'us-central1',
          deploymentId: 'd',
          tenantId: 't',
          model: 'a/b_c',
        }),
      });
      await create({ request: launchRequest({ model: 'a/bxc' }) });
      const filters: Partial<NodeListQuery>[] = [
        { provider: 'gcp' },
        { region: 'us-central1' },
        { deploymentId: 'd' },
        { tenantId: 't' },
        { q: 'B_C' },
        { q: wanted.id.slice(3, 20) },
        { q: wanted.clusterName },
      ];
      for (const filter of filters) {
        expect(
          (await list(filter)).nodes.map((node) => node.id),
          JSON.stringify(filter),
        ).toEqual([wanted.id]);
      }
      expect((await list({ status: ['launching'] })).nodes).toHaveLength(2);
      expect((await list({ status: ['active', 'failed'] })).nodes).toHaveLength(0);
      expect((await list({ q: '%' })).nodes).toHaveLength(0);
    });

    it('refuses a cursor that it has not given', async () => {
      for (const cursor of ['x', 'e30', Buffer.from('["2020-01-01","x"]').toString('base64url')]) {
        await expect(list({ cursor })).rejects.toMatchObject({ code: 'invalid_request' });
      }
    });

    it('cancels only what is launching, and terminates what is not on its way out', async () => {
      const node = await create();
      expect(await nodes.requestCancel(node.id)).toMatchObject({ status: 'launching' });
      expect((await nodes.find(node.id))?.cancelRequested).toBe(true);
      const job = await leases.claim(CLAIM);
      await leases.end(job!.lease, { status: 'failed', failureReason: 'cancelled', endedAtMs: Date.now() });
      expect(await nodes.requestCancel(node.id)).toBeUndefined();
      expect(await nodes.requestTermination(node.id)).toMatchObject({ status: 'terminating' });
      expect(await nodes.requestTermination(node.id)).toBeUndefined();
      expect(await nodes.requestTermination(randomUUID())).toBeUndefined();
    });

    it('forecasts from successful launches of the same provider, GPU and orchestrator only', async () => {
      for (const seconds of [10, 20, 30, 40, 50]) {
        await create();
        const job = await leases.claim(CLAIM);
        const phaseSeconds = { provisioning: seconds };
        await leases.end(job!.lease, { status: 'active', phaseSeconds, endedAtMs: Date.now() });
      }
      await create();
      const failed = await leases.claim(CLAIM);
      await leases.end(failed!.lease, {
        status: 'failed',
        failureReason: 'quota',
        phaseSeconds: { provisioning: 9_999 },
        endedAtMs: Date.now(),
      });
      const of = { provider: 'aws', gpuType: 'A100', orchestrator: 'simulated' } as const;
      expect(await nodes.phaseStatistics(of)).toEqual([
        { phase: 'provisioning', samples: 5, medianSeconds: 30, p95Seconds: 48 },
      ]);
      expect(await nodes.phaseStatistics({ ...of, gpuType: 'H100' })).toEqual([]);
    });
  });

  describe('leases', () => {
    it('gives each launch to one of twenty claims at once, and no more of them than may run', async () => {
      for (let index = 0; index < 12; index += 1) await create();
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_each, index) => leases.claim({ ...CLAIM, owner: `worker-${index}` })),
      );
      const taken = claims.filter((job) => job !== undefined).map((job) => job.lease.nodeId);
      expect(taken).toHaveLength(8);
      expect(new Set(taken).size).toBe(8);
    });

    it('starts launches in the order in which they came, and the next one when a slot is free again', async () => {
      const first = await create();
      const second = await create();
      const one = { ...CLAIM, maxRunning: 1 };
      const job = await leases.claim(one);
      expect(job).toMatchObject({ kind: 'launch', lease: { nodeId: first.id, attempt: 1 }, started: true });
      expect(await leases.claim(one)).toBeUndefined();
      await leases.end(job!.lease, {
        status: 'active',
        endpoint: 'http://127.0.0.1:1',
        endedAtMs: Date.now(),
      });
      expect((await leases.claim(one))?.lease.nodeId).toBe(second.id);
    });

    it('gives a launch whose lease ran out to another owner, who then alone can change it', async () => {
      const node = await create();
      const stale = await leases.claim({ ...CLAIM, leaseMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      const taken = await leases.claim({ ...CLAIM, owner: 'worker-2' });
      expect(taken?.lease).toEqual({ nodeId: node.id, attempt: 2 });
      expect(taken?.record.takeovers).toBe(1);
      expect(await leases.save(stale!.lease, { progress: 40 })).toBe(false);
      expect(await leases.end(stale!.lease, { status: 'failed' })).toBeUndefined();
      expect(await leases.renew([stale!.lease], 1_000)).toEqual([]);
      expect(await leases.save(taken!.lease, { progress: 30, handle: 'h' })).toBe(true);
      expect((await nodes.find(node.id))?.handle).toBe('h');
      expect((await nodes.find(node.id))?.node.progress).toBe(30);
    });

    it('gives a released launch to the next claim at once, and does not count that as a vanished owner', async () => {
      await create();
      const job = await leases.claim(CLAIM);
      expect(await leases.claim(CLAIM)).toBeUndefined();
      await leases.release(job!.lease, 0);
      const again = await leases.claim(CLAIM);
      expect(again).toMatchObject({ lease: { attempt: 2 }, record: { takeovers: 0 } });
      await leases.release(again!.lease, 60_000);
      expect(await leases.claim(CLAIM)).toBeUndefined();
    });

    it('renews what is held and tells of a cancel', async () => {
      const node = await create();
      const job = await leases.claim({ ...CLAIM, leaseMs: 50 });
      expect(await leases.renew([job!.lease], 60_000)).toEqual([
        { nodeId: node.id, attempt: 1, cancelRequested: false, terminateRequested: false },
      ]);
      await new Promise((resolve) => setTimeout(resolve, 80));
      expect(await leases.claim(CLAIM)).toBeUndefined();
      await nodes.requestTermination(node.id);
      expect(await leases.renew([job!.lease], 60_000)).toMatchObject([
        { cancelRequested: true, terminateRequested: true },
      ]);
    });

    it('tells each waiting launch its place, and again only when it has changed', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 3; index += 1) ids.push((await create()).id);
      const full = { ...CLAIM, maxRunning: 1 };
      const running = await leases.claim(full);
      const told: (readonly [string, number])[] = [];
      const tellAll = async () => {
        for (;;) {
          const job = await leases.claimQueued(full);
          if (job === undefined) return;
          told.push([job.lease.nodeId, job.place]);
          await leases.release(job.lease, 0);
        }
      };
      await tellAll();
      expect(told).toEqual([
        [ids[1], 1],
        [ids[2], 2],
      ]);
      expect((await nodes.find(ids[2]!))?.node.queuePosition).toBe(2);
      await leases.end(running!.lease, { status: 'active', endedAtMs: Date.now() });
      await leases.claim(full);
      told.length = 0;
      await tellAll();
      expect(told).toEqual([[ids[2], 1]]);
      expect((await nodes.find(ids[1]!))?.node.queuePosition).toBeUndefined();
    });

    it('lets a waiting launch be cancelled although nothing is free', async () => {
      await create();
      const second = await create();
      const full = { ...CLAIM, maxRunning: 1 };
      await leases.claim(full);
      await nodes.requestCancel(second.id);
      expect(await leases.claim(full)).toMatchObject({ lease: { nodeId: second.id }, started: false });
    });

    it('leaves launches of other orchestrators, and secrets that this server cannot open, to others', async () => {
      await create({ orchestrator: 'skypilot-api' });
      const sealedSecrets = { keyId: 'key-2', bytes: new Uint8Array([1, 2, 255, 0]) };
      const sealed = await create({ sealedSecrets, secretNames: ['HF_TOKEN'] });
      expect(await leases.claim(CLAIM)).toBeUndefined();
      const job = await leases.claim({ ...CLAIM, secretsKeyId: 'key-2' });
      expect(job?.lease.nodeId).toBe(sealed.id);
      expect(job?.sealedSecrets?.keyId).toBe('key-2');
      expect([...(job?.sealedSecrets?.bytes ?? [])]).toEqual([1, 2, 255, 0]);
    });

    it('forgets the secrets when the launch ends, however it ends', async () => {
      for (const status of ['active', 'failed'] as const) {
        await create({ sealedSecrets: { keyId: 'key-1', bytes: new Uint8Array([1]) }, secretNames: ['A'] });
        const job = await leases.claim(CLAIM);
        await leases.end(job!.lease, { status, endedAtMs: Date.now() });
      }
      const rows = await fixture.database.query('select sealed_secrets, secrets_key_id from nodes', []);
      expect(rows).toEqual([
        [null, null],
        [null, null],
      ]);
    });

    it('takes a launch that is to be terminated on to its termination when it ends', async () => {
      const node = await create();
      const job = await leases.claim(CLAIM);
      await nodes.requestTermination(node.id);
      const ended = await leases.end(job!.lease, {
        status: 'failed',
        phase: 'failed',
        failureReason: 'cancelled',
        endedAtMs: Date.now(),
      });
      expect(ended).toMatchObject({ status: 'terminating', failureReason: 'cancelled' });
      const termination = await leases.claim(CLAIM);
      expect(termination).toMatchObject({ kind: 'terminate', lease: { nodeId: node.id, attempt: 2 } });
      const gone = await leases.end(termination!.lease, { status: 'terminated', terminatedAtMs: Date.now() });
      expect(gone).toMatchObject({ status: 'terminated', failureReason: 'cancelled' });
      expect(await leases.claim(CLAIM)).toBeUndefined();
    });

    it('tells the time that is left until the forecast end', async () => {
      const node = await create();
      const job = await leases.claim(CLAIM);
      await leases.save(job!.lease, { eta: { seconds: 120, samples: 7 }, stalled: true });
      const told = (await nodes.find(node.id))?.node;
      expect(told).toMatchObject({ stalled: true, eta: { samples: 7 } });
      expect(told?.eta?.seconds).toBeGreaterThan(110);
      await leases.end(job!.lease, { status: 'active', endedAtMs: Date.now() });
      const ended = (await nodes.find(node.id))?.node;
      expect(ended?.eta).toBeUndefined();
      expect(ended?.stalled).toBe(false);
    });
  });

  it('refuses to work on a database that is newer than the program', async () => {
    await fixture.database.script("insert into launchlog_migrations (id, name) values (9999, 'later')");
    await expect(migrate(fixture.database, NODE_MIGRATIONS)).rejects.toThrow('newer than this program');
    await fixture.database.script('delete from launchlog_migrations where id = 9999');
  });
});
