import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { migrate } from '@launchlog/server/database/migrations';
import type { SqlDatabase } from '@launchlog/server/database/sql-database';
import { MIGRATIONS } from '@launchlog/server/app/all-migrations';
import { SqlNodeStore } from '@launchlog/server/node/sql-node-store';
import { nodeListQuerySchema, nodeSchema } from '@launchlog/shared/node';
import type { NodeListQuery, NodeStatus } from '@launchlog/shared/node';
import { launchRequest, newNode } from '../../support/sample/new-node.js';
import { EMPTY_DATABASE_KINDS } from '../../support/database/node-databases.js';
import { CLAIM, NodeRegistry } from '../../support/database/node-registry.js';

describe.each(Object.entries(EMPTY_DATABASE_KINDS))('nodes on %s', (_, open) => {
  const registry = new NodeRegistry(open);

  const list = (query: Partial<NodeListQuery> = {}) => registry.nodes.list(nodeListQuerySchema.parse(query));

  it('keeps a node as its schema has it, and finds it by id, by id in capitals and by cluster name', async () => {
    const node = await registry.create();
    expect(nodeSchema.parse(node)).toEqual(node);
    expect(node).toMatchObject({ status: 'launching', phase: 'queued', progress: 0, attempts: [] });
    expect((await registry.nodes.find(node.id))?.node).toEqual(node);
    expect((await registry.nodes.find(node.id.toUpperCase()))?.node).toEqual(node);
    expect((await registry.nodes.find(node.clusterName))?.request).toEqual(launchRequest());
    expect(await registry.nodes.find(randomUUID())).toBeUndefined();
    expect(await registry.nodes.find("' or 1=1 --")).toBeUndefined();
  });

  it('looks a node up twice at most for a thousand readers who connect at once, and shows each its present state', async () => {
    const node = await registry.create();
    let statements = 0;
    const counting: SqlDatabase = {
      query: (text, parameters) => {
        statements += 1;
        return registry.database.query(text, parameters);
      },
      script: (text) => registry.database.script(text),
      close: () => Promise.resolve(),
    };
    const nodes = new SqlNodeStore({ database: counting, clock: systemClock });
    const early = nodes.find(node.id);
    await registry.database.query('update nodes set deployment_id = $2 where id = $1', [node.id, 'later']);
    const found = await Promise.all(Array.from({ length: 1_000 }, () => nodes.find(node.id)));
    expect((await early)?.node.id).toBe(node.id);
    expect(statements).toBeLessThanOrEqual(3);
    for (const record of found) expect(record?.node.deploymentId).toBe('later');
    expect((await nodes.find(node.id))?.node).toEqual(found[0]?.node);
  });

  it('keeps the columns that others read under their old names', async () => {
    const node = await registry.create({ request: launchRequest({ deploymentId: 'd-1' }) });
    const [row] = await registry.database.query(
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

  it('refuses an id and a cluster name that exist, and names which', async () => {
    const node = await registry.create();
    expect(await registry.nodes.create(newNode({ id: node.id, clusterName: 'other' }))).toEqual({
      kind: 'id_taken',
    });
    expect(await registry.nodes.create(newNode({ clusterName: node.clusterName }))).toEqual({
      kind: 'cluster_name_taken',
    });
  });

  it('shows a node with a reason of its loss as lost, and keeps lost and terminated nodes apart', async () => {
    const [lost, terminated, active] = [
      await registry.create(),
      await registry.create(),
      await registry.create(),
    ];
    const become = (id: string, status: string, reason: string | null) =>
      registry.database.query('update nodes set status = $2, loss_reason = $3 where id = $1', [
        id,
        status,
        reason,
      ]);
    await become(lost.id, 'terminated', 'preempted');
    await become(terminated.id, 'terminated', null);
    await become(active.id, 'active', null);
    const found = (await registry.nodes.find(lost.id))?.node;
    expect(found).toMatchObject({ status: 'lost', lossReason: 'preempted' });
    expect(nodeSchema.parse(found)).toEqual(found);
    const ids = async (...status: NodeStatus[]) => (await list({ status })).nodes.map(({ id }) => id);
    expect(await ids('lost')).toEqual([lost.id]);
    expect(await ids('terminated')).toEqual([terminated.id]);
    expect(await ids('active', 'lost')).toEqual([active.id, lost.id]);
    expect(await ids('terminated', 'lost')).toEqual([terminated.id, lost.id]);
    // It is final: there is nothing left to terminate or to claim.
    expect(await registry.nodes.requestTermination(lost.id)).toBeUndefined();
    expect(await registry.leases.claim(CLAIM)).toBeUndefined();
  });

  it('makes one node of twenty requests with one idempotency key at once', async () => {
    const idempotency = { key: 'k', requestHash: 'h' };
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => registry.nodes.create(newNode({ idempotency }))),
    );
    expect(replies.filter((reply) => reply.kind === 'created')).toHaveLength(1);
    expect(replies.filter((reply) => reply.kind === 'replayed')).toHaveLength(19);
    expect(new Set(replies.map((reply) => 'node' in reply && reply.node.id)).size).toBe(1);
  });

  it('distinguishes another request with the same key, and keeps the keys of two creators apart', async () => {
    await registry.create({ idempotency: { key: 'k', requestHash: 'h' } });
    expect(await registry.nodes.create(newNode({ idempotency: { key: 'k', requestHash: 'other' } }))).toEqual(
      {
        kind: 'mismatch',
      },
    );
    const other = newNode({ createdBy: 'ci', idempotency: { key: 'k', requestHash: 'other' } });
    expect(await registry.nodes.create(other)).toMatchObject({ kind: 'created' });
    await registry.create({ createdBy: 'ci', idempotency: { key: 'another', requestHash: 'third' } });
    for (const [createdBy, key, requestHash] of [
      ['admin', 'k', 'h'],
      ['ci', 'k', 'other'],
      ['ci', 'another', 'third'],
    ] as const) {
      const again = newNode({ createdBy, idempotency: { key, requestHash } });
      expect(await registry.nodes.create(again)).toMatchObject({ kind: 'replayed', node: { createdBy } });
    }
  });

  it('reports what the database refuses as it is', async () => {
    await expect(registry.nodes.create(newNode({ id: 'no uuid' }))).rejects.toMatchObject({ code: '22P02' });
  });

  it('marks a node of a task, which servers of 0.1.0 must not launch, and no other', async () => {
    const task = launchRequest({ taskYaml: 'run: echo\n' });
    const marked = await registry.create({ request: task });
    await registry.create();
    const rows = await registry.database.query(
      'select id::text from nodes where secrets_key_id is not null',
      [],
    );
    expect(rows).toEqual([[marked.id]]);
  });

  it('pages through all nodes, newest first, each once, while others are added', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 25; index += 1) ids.push((await registry.create()).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 4, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.nodes.map((node) => node.id));
      cursor = page.nextCursor;
      await registry.create();
    } while (cursor !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen)).toEqual(new Set(ids));
  });

  it('filters by each field, and takes the text to search for literally', async () => {
    const wanted = await registry.create({
      request: launchRequest({
        provider: 'gcp',
        region: 'us-central1',
        deploymentId: 'd',
        tenantId: 't',
        model: 'a/b_c',
      }),
    });
    await registry.create({ request: launchRequest({ model: 'a/bxc' }) });
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
      const ids = (await list(filter)).nodes.map((node) => node.id);
      expect({ filter, ids }).toEqual({ filter, ids: [wanted.id] });
    }
    expect((await list({ status: ['launching'] })).nodes).toHaveLength(2);
    expect((await list({ status: ['active', 'failed'] })).nodes).toHaveLength(0);
    expect((await list({ q: '%' })).nodes).toHaveLength(0);
  });

  it('finds nothing by texts that PostgreSQL cannot hold, and does not fail', async () => {
    await registry.create();
    for (const text of ['a\u0000b', 'half \ud800 a character', "'; drop table nodes; --"]) {
      expect(await registry.nodes.find(text)).toBeUndefined();
      expect((await list({ q: text })).nodes).toEqual([]);
      expect((await list({ region: text })).nodes).toEqual([]);
    }
  });

  it('refuses a cursor that it has not given', async () => {
    for (const cursor of ['x', 'e30', Buffer.from('["2020-01-01","x"]').toString('base64url')]) {
      await expect(list({ cursor })).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  it('cancels only what is launching, and terminates what is not on its way out', async () => {
    const node = await registry.create();
    expect(await registry.nodes.requestCancel(node.id)).toMatchObject({ status: 'launching' });
    expect((await registry.nodes.find(node.id))?.cancelRequested).toBe(true);
    const job = await registry.leases.claim(CLAIM);
    await registry.leases.end(job!.lease, {
      status: 'failed',
      failureReason: 'cancelled',
      endedAtMs: Date.now(),
    });
    expect(await registry.nodes.requestCancel(node.id)).toBeUndefined();
    expect(await registry.nodes.requestTermination(node.id)).toMatchObject({ status: 'terminating' });
    expect(await registry.nodes.requestTermination(node.id)).toBeUndefined();
    expect(await registry.nodes.requestTermination(randomUUID())).toBeUndefined();
  });

  it('cancels the one that is named, and none that has ended or is on its way out', async () => {
    const [named, other] = [await registry.create(), await registry.create()];
    await registry.nodes.requestCancel(named.id);
    expect((await registry.nodes.find(other.id))?.cancelRequested).toBe(false);
    for (const left of ["status = 'terminating'", 'ended_at = now()']) {
      const node = await registry.create();
      await registry.database.query(`update nodes set ${left} where id = $1`, [node.id]);
      expect(await registry.nodes.requestCancel(node.id)).toBeUndefined();
    }
  });

  it('forecasts from successful launches of the same provider, GPU and orchestrator only', async () => {
    for (const seconds of [10, 20, 30, 40, 50]) {
      await registry.create();
      const job = await registry.leases.claim(CLAIM);
      const phaseSeconds = { provisioning: seconds };
      await registry.leases.end(job!.lease, { status: 'active', phaseSeconds, endedAtMs: Date.now() });
    }
    await registry.create();
    const failed = await registry.leases.claim(CLAIM);
    await registry.leases.end(failed!.lease, {
      status: 'failed',
      failureReason: 'quota',
      phaseSeconds: { provisioning: 9_999 },
      endedAtMs: Date.now(),
    });
    const of = { provider: 'aws', gpuType: 'A100', orchestrator: 'simulated' } as const;
    expect(await registry.nodes.phaseStatistics(of)).toEqual([
      { phase: 'provisioning', samples: 5, medianSeconds: 30, p95Seconds: 48 },
    ]);
    for (const other of [{ gpuType: 'H100' }, { provider: 'gcp' }, { orchestrator: 'skypilot-api' }]) {
      expect(await registry.nodes.phaseStatistics({ ...of, ...other } as typeof of)).toEqual([]);
    }
  });

  it.each([
    ["phase_seconds = '[1]'"],
    [`phase_seconds = '{"provisioning": "long"}'`],
    [`phase_seconds = '{"provisioning": 1e400}'`],
    [`phase_seconds = '{"of a newer release": 7}'`],
    [`ended_at = null, phase_seconds = '{"provisioning": 7}'`],
  ])('forecasts nothing from a row that another program left with %s', async (left) => {
    await registry.create();
    await registry.database.script("update nodes set ended_at = now(), status = 'active'");
    await registry.database.script(`update nodes set ${left}`);
    const of = { provider: 'aws', gpuType: 'A100', orchestrator: 'simulated' } as const;
    expect(await registry.nodes.phaseStatistics(of)).toEqual([]);
  });

  it('refuses to work on a database that is newer than the program', async () => {
    await registry.database.script("insert into launchlog_migrations (id, name) values (9999, 'later')");
    await expect(migrate(registry.database, MIGRATIONS)).rejects.toThrow('newer than this program');
    await registry.database.script('delete from launchlog_migrations where id = 9999');
  });
});
